package lora

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/grokputer/grokputer/lm/lmtest"
)

// fuzzDims fit the adapters in testdata/peers.
func fuzzDims() Dims {
	return Dims{Layers: 3, Shapes: [Modules]Shape{
		Query: {In: 16, Out: 16}, Key: {In: 16, Out: 8}, Value: {In: 16, Out: 8}, Output: {In: 16, Out: 16},
		Gate: {In: 16, Out: 24}, Up: {In: 16, Out: 24}, Down: {In: 24, Out: 16},
	}}
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
	config := stored(f, "peers", "patterns", ConfigFile)
	f.Add(stored(f, "peers", "patterns", WeightsFile))
	f.Add(stored(f, "peers", "stabilised", WeightsFile))
	f.Fuzz(func(t *testing.T, content []byte) {
		var a *Adapter
		var err error
		lmtest.Bounded(t, len(content), func() { a, _, err = decode(content, config, fuzzDims()) })
		told(t, err)
		if err == nil {
			usable(t, a)
		}
	})
}

// FuzzGGUF changes an adapter in llama.cpp's format.
func FuzzGGUF(f *testing.F) {
	for _, name := range []string{"llama.patterns.gguf", "llama.stabilised.gguf", "qwen2.stabilised.gguf"} {
		f.Add(stored(f, "peers", "ours", name))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		for _, family := range []Family{{"llama", 8}, {"llama", 7}, {"qwen2", 8}, {"gpt2", 8}} {
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
