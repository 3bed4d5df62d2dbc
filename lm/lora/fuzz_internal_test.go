package lora

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/grokputer/grokputer/lm/lmtest"
	"github.com/grokputer/grokputer/lm/safetensors"
)

// fuzzDims are as small as can be: small files are changed more often.
func fuzzDims() Dims {
	d := Dims{Layers: 2}
	for m := range d.Shapes {
		d.Shapes[m] = Shape{In: 4, Out: 4}
	}
	return d
}

// seeds are adapters of that base: of one rank, of several with rsLoRA, with a hole.
func seeds(f *testing.F) []*Adapter {
	f.Helper()
	var list []*Adapter
	for _, c := range []Config{
		{Rank: 1, Alpha: 1, Targets: []Module{Query}},
		{Rank: 2, Alpha: 3, Targets: []Module{Key, Down}, RSLoRA: true, RankPattern: []Pattern[int]{{"k_proj", 1}}, AlphaPattern: []Pattern[float64]{{"layers.1.*", 2}}},
		{Rank: 1, Alpha: 1, Targets: []Module{Up}, Layers: []int{1}},
	} {
		a, err := New(c, fuzzDims(), 1)
		if err != nil {
			f.Fatal(err)
		}
		list = append(list, a)
	}
	return list
}

func stored(f *testing.F, name ...string) []byte {
	f.Helper()
	b, err := os.ReadFile(filepath.Join(append([]string{"testdata"}, name...)...))
	if err != nil {
		f.Fatal(err)
	}
	return b
}

// told fails unless an error is one that callers can tell.
func told(t *testing.T, err error) {
	t.Helper()
	if err != nil && !errors.Is(err, ErrInvalid) && !errors.Is(err, ErrMismatch) && !errors.Is(err, ErrDigest) {
		t.Errorf("an error without a sentinel: %v", err)
	}
}

// FuzzConfig changes adapter_config.json. What is accepted must be usable.
func FuzzConfig(f *testing.F) {
	for _, folder := range []string{"plain", "rslora", "peers/patterns", "peers/stabilised", "peers/ours/stabilised"} {
		f.Add(stored(f, folder, ConfigFile))
	}
	f.Add([]byte(`{"peft_type":"LORA","r":4,"target_modules":".*(q|v)_proj","exclude_modules":["x"],"rank_pattern":{"[ab]{2}|q_proj":2}}`))
	f.Add([]byte(`{"peft_type":"LORA","target_modules":["q_proj"],"layers_to_transform":1,"layers_pattern":["h","layers"]}`))
	f.Fuzz(func(t *testing.T, content []byte) {
		if len(content) > maxSmallFile {
			return
		}
		var c Config
		var chosen targets
		var err error
		lmtest.Bounded(t, len(content), func() { c, chosen, _, err = decodeConfig(content) })
		told(t, err)
		if err != nil {
			return
		}
		places := c.places(2)
		covered, err := chosen.covers(places)
		told(t, err)
		if err == nil && len(covered) != len(places) {
			t.Errorf("%d of %d places", len(covered), len(places))
		}
		settings, err := c.settings(places)
		told(t, err)
		for i, s := range settings {
			if s.rank < 1 || !(s.alpha > 0) {
				t.Errorf("%v has %+v", places[i], s)
			}
		}
	})
}

// usable fails unless an adapter that was accepted fits its base and can be saved.
func usable(t *testing.T, a *Adapter) {
	t.Helper()
	if err := fuzzDims().Check(a); err != nil {
		t.Errorf("accepted, then: %v", err)
	}
	if _, err := encodeConfig(a, ""); err != nil {
		t.Errorf("accepted, then: %v", err)
	}
}

// FuzzWeights changes adapter_model.safetensors.
func FuzzWeights(f *testing.F) {
	configs := [][]byte{[]byte(`{"peft_type":"LORA","r":1}`)}
	for i, a := range seeds(f) {
		dir := filepath.Join(f.TempDir(), fmt.Sprint(i))
		if _, err := Save(dir, a, SaveOptions{DType: []safetensors.DType{safetensors.F32, safetensors.BF16}[i%2]}); err != nil {
			f.Fatal(err)
		}
		for _, name := range []string{ConfigFile, WeightsFile} {
			b, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				f.Fatal(err)
			}
			if name == ConfigFile {
				configs = append(configs, b)
			} else {
				f.Add(b, uint8(i+1))
				f.Add(b, uint8(0))
			}
		}
	}
	f.Fuzz(func(t *testing.T, content []byte, config uint8) {
		chosen := configs[int(config)%len(configs)]
		var a *Adapter
		var err error
		lmtest.Bounded(t, len(content), func() { a, _, err = decode(content, chosen, fuzzDims()) })
		told(t, err)
		if err == nil {
			usable(t, a)
		}
	})
}

// FuzzGGUF changes an adapter in llama.cpp's format.
func FuzzGGUF(f *testing.F) {
	for i, a := range seeds(f) {
		w, err := encodeGGUF(a, Family{"llama", 2}, []safetensors.DType{safetensors.F32, safetensors.F16}[i%2], Metadata{})
		if err != nil {
			f.Fatal(err)
		}
		var b bytes.Buffer
		if _, err := w.WriteTo(&b); err != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes())
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		for _, family := range []Family{{"llama", 2}, {"llama", 3}, {"qwen2", 2}, {"gpt2", 2}} {
			var a *Adapter
			var err error
			lmtest.Bounded(t, len(content), func() { a, _, err = decodeGGUF(content, fuzzDims(), family) })
			told(t, err)
			if err == nil {
				usable(t, a)
			}
		}
	})
}
