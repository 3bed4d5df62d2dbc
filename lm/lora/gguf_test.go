package lora_test

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/lm/gguf"
	"github.com/grokputer/grokputer/lm/gguf/half"
	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/lm/safetensors"
)

func llama() lora.Family { return lora.Family{Architecture: "llama", HeadDim: 4} }

func savedGGUF(t *testing.T, a *lora.Adapter, family lora.Family, opts lora.SaveOptions) (string, lora.Metadata) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "adapters", "one.gguf")
	meta, err := lora.SaveGGUF(path, a, family, opts)
	if err != nil {
		t.Fatal(err)
	}
	return path, meta
}

func TestSaveAndLoadGGUF(t *testing.T) {
	t.Parallel()
	a := filled(t, config())
	for i, p := range a.At(0, lora.Query).B { // every element has a float16
		a.At(0, lora.Query).B[i] = half.Float16(half.ToFloat16(p))
	}
	for _, architecture := range []string{"llama", "qwen2", "qwen3"} {
		family := lora.Family{Architecture: architecture, HeadDim: 4}
		meta := lora.Metadata{BaseModel: "base", BaseSHA256: "abc", CreatedBy: "test", Notes: map[string]string{"steps": "9"}}
		path, written := savedGGUF(t, a, family, lora.SaveOptions{Metadata: meta})
		b, read, err := lora.LoadGGUF(path, dims(), family, lora.Expect{SHA256: strings.ToUpper(written.AdapterSHA256), BaseSHA256: "ABC"})
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(read, written) || read.AdapterSHA256 == "" || read.Notes["steps"] != "9" {
			t.Errorf("metadata read %+v, written %+v", read, written)
		}
		if !slices.Equal(elements(a), elements(b)) || !reflect.DeepEqual(shapes(a), shapes(b)) {
			t.Errorf("%s: elements or shapes differ", architecture)
		}
		if b.Config.Rank != 4 || b.Config.Alpha != 8 || !slices.Equal(b.Config.Targets, []lora.Module{lora.Query, lora.Value, lora.Down}) {
			t.Errorf("config %+v", b.Config)
		}
		if _, err := lora.SaveGGUF(path, a, family, lora.SaveOptions{}); !errors.Is(err, lora.ErrExists) {
			t.Errorf("a taken name: got %v, want ErrExists", err)
		}
		short, _ := savedGGUF(t, a, family, lora.SaveOptions{DType: safetensors.F16})
		b, _, err = lora.LoadGGUF(short, dims(), family, lora.Expect{})
		if err != nil {
			t.Fatal(err)
		}
		for i, x := range elements(a) {
			if want := half.Float16(half.ToFloat16(x)); elements(b)[i] != want {
				t.Fatalf("%s: element %d is %g, its float16 is %g", architecture, i, elements(b)[i], want)
			}
		}
	}
}

// The file has the keys, names and shapes that llama.cpp reads, and the rows of q and k
// in pairs of rotation for the architecture that has them so.
func TestLayoutIsLlamaCPPs(t *testing.T) {
	t.Parallel()
	a := filled(t, config())
	path, _ := savedGGUF(t, a, llama(), lora.SaveOptions{})
	f, err := gguf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	for key, want := range map[string]string{"general.type": "adapter", "general.architecture": "llama", "adapter.type": "lora"} {
		if got, err := f.String(key); err != nil || got != want {
			t.Errorf("%s is %q, %v", key, got, err)
		}
	}
	if v, ok := f.Value("adapter.lora.alpha"); !ok || v.Kind() != gguf.KindFloat32 {
		t.Error("adapter.lora.alpha is no float32")
	}
	if alpha, err := f.Float("adapter.lora.alpha"); err != nil || alpha != 8 {
		t.Errorf("alpha %g, %v", alpha, err)
	}
	if n := len(f.Tensors()); n != 18 {
		t.Errorf("%d tensors, want 18", n)
	}
	for name, c := range map[string]struct {
		want []float32
		cols int
		rows []int // of B, as Hugging Face counts them
	}{
		"blk.1.attn_q.weight.lora_a":   {a.At(1, lora.Query).A, 12, []int{0, 1, 2, 3}},
		"blk.1.attn_q.weight.lora_b":   {a.At(1, lora.Query).B, 4, []int{0, 2, 1, 3, 4, 6, 5, 7, 8, 10, 9, 11}},
		"blk.2.attn_v.weight.lora_b":   {a.At(2, lora.Value).B, 4, []int{0, 1, 2, 3}},
		"blk.0.ffn_down.weight.lora_b": {a.At(0, lora.Down).B, 4, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}},
	} {
		tensor, ok := f.Tensor(name)
		if !ok || !slices.Equal(tensor.Shape, []int{len(c.rows), c.cols}) || tensor.Type != gguf.F32 {
			t.Errorf("%s: %v, %v %v", name, ok, tensor.Type, tensor.Shape)
			continue
		}
		row := make([]float32, c.cols)
		for i, from := range c.rows {
			if err := tensor.DequantizeRow(row, i); err != nil {
				t.Fatal(err)
			}
			if want := c.want[from*c.cols : (from+1)*c.cols]; !slices.Equal(row, want) {
				t.Errorf("%s: row %d is %v, want %v", name, i, row, want)
			}
		}
	}
}

// One alpha cannot give all pairs their scale: what is read computes the same.
func TestGGUFFoldsScales(t *testing.T) {
	t.Parallel()
	cfg := config()
	cfg.RSLoRA = true
	cfg.RankPattern = []lora.Pattern[int]{{Key: "q_proj", Value: 3}, {Key: "layers.2.*", Value: 7}}
	cfg.AlphaPattern = []lora.Pattern[float64]{{Key: "layers.1.mlp.down_proj", Value: 0.7}}
	a := filled(t, cfg)
	path, _ := savedGGUF(t, a, llama(), lora.SaveOptions{})
	b, _, err := lora.LoadGGUF(path, dims(), llama(), lora.Expect{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range a.Layers {
		for m, p := range a.Layers[i] {
			if p == nil {
				continue
			}
			q := b.At(i, lora.Module(m))
			if q.Rank != p.Rank || !slices.Equal(q.A, p.A) {
				t.Fatalf("layer %d, module %d: rank %d", i, m, q.Rank)
			}
			for j := range p.B {
				x, y := float64(p.Scale)*float64(p.B[j]), float64(q.Scale)*float64(q.B[j])
				if math.Abs(x-y) > 3e-7*math.Abs(x) {
					t.Fatalf("layer %d, module %d: scale x B[%d] is %g, want %g", i, m, j, y, x)
				}
			}
		}
	}
}

func TestSaveGGUFRefuses(t *testing.T) {
	t.Parallel()
	large := filled(t, config())
	large.At(1, lora.Value).B[3] = 1e6
	nan := filled(t, config())
	nan.At(1, lora.Value).B[3] = float32(math.NaN())
	short := filled(t, config())
	short.At(0, lora.Query).A = short.At(0, lora.Query).A[1:]
	for name, c := range map[string]struct {
		a      *lora.Adapter
		family lora.Family
		dtype  safetensors.DType
		err    error
		want   string
	}{
		"too large":    {large, llama(), safetensors.F16, lora.ErrInvalid, "element 3 of layers.1.self_attn.v_proj.lora_B is 1e+06 and would be stored as +Inf"},
		"not a number": {nan, llama(), "", lora.ErrInvalid, "NaN"},
		"short matrix": {short, llama(), "", lora.ErrInvalid, "layers.0.self_attn.q_proj.lora_A has 47 elements"},
		"empty":        {&lora.Adapter{}, llama(), "", lora.ErrInvalid, "no matrices"},
		"dtype":        {large, llama(), safetensors.BF16, lora.ErrInvalid, `dtype is "BF16"`},
		"family":       {large, lora.Family{Architecture: "gpt2"}, "", lora.ErrInvalid, `architecture "gpt2"`},
		"heads":        {large, lora.Family{Architecture: "llama", HeadDim: 8}, "", lora.ErrMismatch, "heads of width 8"},
		"no heads":     {large, lora.Family{Architecture: "llama"}, "", lora.ErrMismatch, "heads of width 0"},
	} {
		parent := t.TempDir()
		_, err := lora.SaveGGUF(filepath.Join(parent, "x.gguf"), c.a, c.family, lora.SaveOptions{DType: c.dtype})
		if !errors.Is(err, c.err) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
		if left, err := os.ReadDir(parent); err != nil || len(left) != 0 {
			t.Errorf("%s: left behind %v, %v", name, left, err)
		}
	}
}

// ggufFile writes an adapter as another program would.
func ggufFile(t *testing.T, change map[string]any, tensors ...gguf.Tensor) string {
	t.Helper()
	var w gguf.Writer
	for key, preset := range map[string]any{
		"general.type": "adapter", "general.architecture": "llama", "adapter.type": "lora", "adapter.lora.alpha": float32(6),
	} {
		value, changed := change[key]
		if !changed {
			value = preset
		}
		if value == nil {
			continue
		}
		if err := w.Set(key, value); err != nil {
			t.Fatal(err)
		}
	}
	if v, ok := change["adapter.alora.invocation_tokens"]; ok {
		if err := w.Set("adapter.alora.invocation_tokens", v); err != nil {
			t.Fatal(err)
		}
	}
	for _, tensor := range tensors {
		if err := w.Add(tensor); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "a.gguf")
	if err := w.WriteFile(path); err != nil {
		t.Fatal(err)
	}
	return path
}

func zeros(name string, typ gguf.Type, shape ...int) gguf.Tensor {
	n := typ.BlockBytes()
	for _, d := range shape {
		n *= d
	}
	return gguf.Tensor{Name: name, Type: typ, Shape: shape, Data: make([]byte, n/typ.BlockSize())}
}

func TestLoadForeignGGUF(t *testing.T) {
	t.Parallel()
	a, b := zeros("blk.1.ffn_down.weight.lora_a", gguf.F32, 3, 20), zeros("blk.1.ffn_down.weight.lora_b", gguf.BF16, 12, 3)
	good, meta, err := lora.LoadGGUF(ggufFile(t, nil, b, a), dims(), llama(), lora.Expect{BaseSHA256: "aa"})
	if err != nil || good.At(1, lora.Down).Scale != 2 || good.At(1, lora.Down).Rank != 3 || meta.AdapterSHA256 == "" {
		t.Fatalf("%v, %+v, %+v", err, good, meta)
	}
	good, _, err = lora.LoadGGUF(ggufFile(t, map[string]any{"adapter.lora.alpha": nil}, b, a), dims(), llama(), lora.Expect{})
	if err != nil || good.At(1, lora.Down).Scale != 1 {
		t.Errorf("without alpha: %v; llama.cpp's scale is 1", err)
	}
	nan := zeros("blk.1.ffn_down.weight.lora_b", gguf.F16, 12, 3)
	nan.Data[0], nan.Data[1] = 0xff, 0xff
	for name, c := range map[string]struct {
		change  map[string]any
		tensors []gguf.Tensor
		err     error
		says    string
	}{
		"a model":      {map[string]any{"general.type": nil}, []gguf.Tensor{a, b}, lora.ErrInvalid, "no LoRA adapter"},
		"a vector":     {map[string]any{"adapter.type": "control_vector"}, []gguf.Tensor{a, b}, lora.ErrInvalid, "control_vector"},
		"architecture": {map[string]any{"general.architecture": "qwen2"}, []gguf.Tensor{a, b}, lora.ErrMismatch, `"qwen2", the base at hand is "llama"`},
		"alpha":        {map[string]any{"adapter.lora.alpha": float32(math.Inf(1))}, []gguf.Tensor{a, b}, lora.ErrInvalid, "alpha"},
		"alpha kind":   {map[string]any{"adapter.lora.alpha": "6"}, []gguf.Tensor{a, b}, lora.ErrInvalid, "alpha"},
		"aLoRA":        {map[string]any{"adapter.alora.invocation_tokens": []uint32{1}}, []gguf.Tensor{a, b}, lora.ErrInvalid, "aLoRA"},
		"nothing":      {nil, nil, lora.ErrInvalid, "no matrices"},
		"only A":       {nil, []gguf.Tensor{a}, lora.ErrInvalid, `"blk.1.ffn_down.weight.lora_b" is missing`},
		"only B":       {nil, []gguf.Tensor{b}, lora.ErrInvalid, `"blk.1.ffn_down.weight.lora_a" is missing`},
		"rank":         {nil, []gguf.Tensor{a, zeros(b.Name, gguf.F32, 12, 2)}, lora.ErrMismatch, "rank 2"},
		"inputs":       {nil, []gguf.Tensor{zeros(a.Name, gguf.F32, 3, 21), b}, lora.ErrMismatch, "[3 21]"},
		"outputs":      {nil, []gguf.Tensor{a, zeros(b.Name, gguf.F32, 13, 3)}, lora.ErrMismatch, "[13 3]"},
		"1-D":          {nil, []gguf.Tensor{a, zeros(b.Name, gguf.F32, 36)}, lora.ErrMismatch, "rank 36"},
		"layer":        {nil, []gguf.Tensor{zeros("blk.3.ffn_down.weight.lora_a", gguf.F32, 3, 20)}, lora.ErrMismatch, "for layer 3"},
		"head":         {nil, []gguf.Tensor{a, b, zeros("output.weight.lora_a", gguf.F32, 3, 12)}, lora.ErrInvalid, "the output head"},
		"embeddings":   {nil, []gguf.Tensor{a, b, zeros("token_embd.weight.lora_a", gguf.F32, 3, 12)}, lora.ErrInvalid, "the embeddings"},
		"norm":         {nil, []gguf.Tensor{a, b, zeros("blk.0.attn_norm.weight", gguf.F32, 12)}, lora.ErrInvalid, "a norm"},
		"name":         {nil, []gguf.Tensor{a, b, zeros("blk.01.ffn_up.weight.lora_a", gguf.F32, 3, 12)}, lora.ErrInvalid, "something other"},
		"type":         {nil, []gguf.Tensor{a, zeros(b.Name, gguf.I32, 12, 3)}, lora.ErrInvalid, "I32"},
		"not a number": {nil, []gguf.Tensor{a, nan}, lora.ErrInvalid, "element 0 of layers.1.mlp.down_proj.lora_B is NaN"},
	} {
		_, _, err := lora.LoadGGUF(ggufFile(t, c.change, c.tensors...), dims(), llama(), lora.Expect{})
		if !errors.Is(err, c.err) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: got %v, want %v with %q", name, err, c.err, c.says)
		}
	}
	path, _ := savedGGUF(t, filled(t, config()), llama(), lora.SaveOptions{Metadata: lora.Metadata{BaseModel: "b", BaseSHA256: "aa"}})
	for name, c := range map[string]struct {
		want   lora.Expect
		dims   lora.Dims
		family lora.Family
		err    error
	}{
		"digest": {lora.Expect{SHA256: "cc"}, dims(), llama(), lora.ErrDigest},
		"base":   {lora.Expect{BaseSHA256: "bb"}, dims(), llama(), lora.ErrMismatch},
		"dims":   {lora.Expect{}, lora.Dims{}, llama(), lora.ErrInvalid},
		"heads":  {lora.Expect{}, dims(), lora.Family{Architecture: "llama", HeadDim: 5}, lora.ErrMismatch},
	} {
		if _, _, err := lora.LoadGGUF(path, c.dims, c.family, c.want); !errors.Is(err, c.err) {
			t.Errorf("%s: got %v, want %v", name, err, c.err)
		}
	}
}
