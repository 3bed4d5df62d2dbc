package lora_test

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/lm/lora"
)

// dims are a small base with grouped-query attention: 3 blocks of width 12.
func dims() lora.Dims {
	d := lora.Dims{Layers: 3}
	d.Shapes[lora.Query] = lora.Shape{In: 12, Out: 12}
	d.Shapes[lora.Key] = lora.Shape{In: 12, Out: 4}
	d.Shapes[lora.Value] = lora.Shape{In: 12, Out: 4}
	d.Shapes[lora.Output] = lora.Shape{In: 12, Out: 12}
	d.Shapes[lora.Gate] = lora.Shape{In: 12, Out: 20}
	d.Shapes[lora.Up] = lora.Shape{In: 12, Out: 20}
	d.Shapes[lora.Down] = lora.Shape{In: 20, Out: 12}
	return d
}

func config() lora.Config {
	return lora.Config{Rank: 4, Alpha: 8, Dropout: 0.1, Targets: []lora.Module{lora.Down, lora.Query, lora.Value}}
}

// filled is an adapter whose elements are all different.
func filled(t *testing.T, cfg lora.Config) *lora.Adapter {
	t.Helper()
	a, err := lora.New(cfg, dims(), 7)
	if err != nil {
		t.Fatal(err)
	}
	n := float32(0)
	for p := range a.Params() {
		for i := range p.Data {
			n++
			p.Data[i] = n / 1024
		}
	}
	return a
}

func elements(a *lora.Adapter) []float32 {
	var all []float32
	for p := range a.Params() {
		all = append(all, p.Data...)
	}
	return all
}

func TestNew(t *testing.T) {
	t.Parallel()
	a, err := lora.New(config(), dims(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if want := 3 * 4 * ((12 + 12) + (12 + 4) + (20 + 12)); a.Size() != want {
		t.Errorf("%d elements, want %d", a.Size(), want)
	}
	for p := range a.Params() {
		bound := float32(1 / math.Sqrt(float64(p.Cols)))
		spread := float32(0)
		for _, x := range p.Data {
			if p.Matrix == lora.MatrixB && x != 0 || x < -bound || x > bound {
				t.Fatalf("%v holds %g, outside of its start range", p, x)
			}
			spread = max(spread, x, -x)
		}
		if p.Matrix == lora.MatrixA && spread < bound/2 {
			t.Errorf("%v: the largest element is %g of %g: not uniform", p, spread, bound)
		}
	}
	again, err := lora.New(config(), dims(), 1)
	if err != nil {
		t.Fatal(err)
	}
	other, err := lora.New(config(), dims(), 2)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(elements(a), elements(again)) {
		t.Error("the same seed gives other elements")
	}
	if slices.Equal(elements(a), elements(other)) {
		t.Error("another seed gives the same elements")
	}
	if slices.Equal(a.At(0, lora.Query).A, a.At(1, lora.Query).A) {
		t.Error("two layers start alike")
	}
	all := config()
	all.Targets = lora.AllModules()
	b, err := lora.New(all, dims(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(a.At(2, lora.Down).A, b.At(2, lora.Down).A) {
		t.Error("a pair's start depends on what else is adapted")
	}
	if a.At(0, lora.Gate) != nil || b.At(3, lora.Gate) != nil {
		t.Error("At gives a pair where there is none")
	}
}

func TestParamsOrder(t *testing.T) {
	t.Parallel()
	var got []string
	for p := range filled(t, config()).Params() {
		got = append(got, p.String())
		if p.Layer == 1 {
			break
		}
	}
	want := []string{
		"layers.0.self_attn.q_proj.lora_A", "layers.0.self_attn.q_proj.lora_B",
		"layers.0.self_attn.v_proj.lora_A", "layers.0.self_attn.v_proj.lora_B",
		"layers.0.mlp.down_proj.lora_A", "layers.0.mlp.down_proj.lora_B",
		"layers.1.self_attn.q_proj.lora_A",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	var none *lora.Adapter
	if none.Size() != 0 {
		t.Error("a nil adapter has elements")
	}
}

func TestCopies(t *testing.T) {
	t.Parallel()
	a := filled(t, config())
	z, c := lora.ZerosLike(a), a.Clone()
	if slices.ContainsFunc(elements(z), func(x float32) bool { return x != 0 }) || z.Size() != a.Size() {
		t.Error("ZerosLike is not zero or not alike")
	}
	if err := z.CopyFrom(a); err != nil || !slices.Equal(elements(z), elements(a)) {
		t.Errorf("CopyFrom: %v", err)
	}
	a.Zero()
	if slices.Equal(elements(c), elements(a)) || !slices.Equal(elements(c), elements(z)) {
		t.Error("a clone shares memory with its original")
	}
	other := config()
	other.Rank = 2
	if err := a.CopyFrom(filled(t, other)); !errors.Is(err, lora.ErrMismatch) {
		t.Errorf("other rank: got %v", err)
	}
	other = config()
	other.Targets = other.Targets[:2]
	if err := a.CopyFrom(filled(t, other)); !errors.Is(err, lora.ErrMismatch) {
		t.Errorf("other targets: got %v", err)
	}
	if err := a.CopyFrom(&lora.Adapter{}); !errors.Is(err, lora.ErrMismatch) {
		t.Errorf("no layers: got %v", err)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	a := filled(t, config())
	if err := dims().Check(a); err != nil {
		t.Error(err)
	}
	if err := dims().Check(nil); err != nil {
		t.Error(err)
	}
	wider := dims()
	wider.Shapes[lora.Down].Out++
	narrower := dims()
	narrower.Shapes[lora.Value].In--
	shorter := dims()
	shorter.Layers--
	for want, d := range map[string]lora.Dims{
		"layers.0.mlp.down_proj.lora_B has 12 outputs, the base's layer has 13":   wider,
		"layers.0.self_attn.v_proj.lora_A has 12 inputs, the base's layer has 11": narrower,
		"adapts 3 layers, the base has 2":                                         shorter,
	} {
		if err := d.Check(a); !errors.Is(err, lora.ErrMismatch) || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want ErrMismatch with %q", err, want)
		}
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	if err := lora.DefaultConfig().Validate(); err != nil {
		t.Error(err)
	}
	for want, change := range map[string]func(*lora.Config){
		"rank is 0":                  func(c *lora.Config) { c.Rank = 0 },
		"alpha is -1":                func(c *lora.Config) { c.Alpha = -1 },
		"alpha is NaN":               func(c *lora.Config) { c.Alpha = float32(math.NaN()) },
		"dropout is 1":               func(c *lora.Config) { c.Dropout = 1 },
		"targets is empty":           func(c *lora.Config) { c.Targets = nil },
		"targets[1] is Module(9)":    func(c *lora.Config) { c.Targets[1] = 9 },
		"targets names q_proj twice": func(c *lora.Config) { c.Targets[0] = lora.Query },
	} {
		c := config()
		change(&c)
		if err := c.Validate(); !errors.Is(err, lora.ErrInvalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
		if _, err := lora.New(c, dims(), 1); err == nil {
			t.Errorf("New accepts it: %q", want)
		}
	}
	if _, err := lora.New(config(), lora.Dims{Layers: 1}, 1); !errors.Is(err, lora.ErrInvalid) {
		t.Errorf("dims of zero: got %v", err)
	}
}
