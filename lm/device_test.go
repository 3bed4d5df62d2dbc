//go:build linux

package lm_test

import (
	"errors"
	"testing"

	"github.com/grokputer/grokputer/lm"
	"github.com/grokputer/grokputer/lm/chat"
	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/compute/gpu/standin"
	"github.com/grokputer/grokputer/lm/lmtest"
	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/lm/train"
)

// A training on a card ends with the adapter of one on the processor.
func TestTrainOnCard(t *testing.T) {
	t.Parallel()
	folder, err := standin.Build()
	if err != nil {
		t.Fatal(err)
	}
	fit := func(device string) ([]float32, train.Result) {
		e, err := lm.Open(t.Context(), lmtest.TinyModel(t, 48), lm.Options{
			Device: device, Libraries: []string{folder}, Precision: compute.Float32,
		})
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := e.Close(); err != nil {
				t.Error(err)
			}
		}()
		t.Log(e.Info().Device)
		config := lora.DefaultConfig()
		config.Rank, config.Dropout = 4, 0.1
		a, err := e.NewAdapter(config, 1)
		if err != nil {
			t.Fatal(err)
		}
		var data train.Dataset
		for _, word := range []string{"one", "two", "three", "four"} {
			x, err := e.Example([]chat.Message{{Role: "user", Content: "say " + word}}, word)
			if err != nil {
				t.Fatal(err)
			}
			data.Train = append(data.Train, x)
		}
		opts := train.DefaultOptions()
		opts.Epochs, opts.BatchExamples, opts.MicroTokens, opts.LearningRate = 6, 2, 64, 1e-2
		r, err := e.Train(t.Context(), a, data, opts)
		if err != nil {
			t.Fatal(err)
		}
		var all []float32
		for p := range a.Params() {
			all = append(all, p.Data...)
		}
		return all, r
	}
	want, processor := fit("cpu")
	for _, device := range []string{"hip:0", "cuda"} {
		got, card := fit(device)
		apart, size := 0.0, 0.0
		for i, x := range want {
			apart += float64(got[i]-x) * float64(got[i]-x)
			size += float64(x) * float64(x)
		}
		if apart > 1e-6*size {
			t.Errorf("%s: the adapter is %g of its size away", device, apart/size)
		}
		if d := card.Loss - processor.Loss; d > 1e-3 || d < -1e-3 {
			t.Errorf("%s: loss %g, on the processor %g", device, card.Loss, processor.Loss)
		}
	}
}

func TestOpenRefusesDevices(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"gpu", "hip:", "hip:x", "cuda:-1", "cpu:0", "HIP"} {
		if _, err := lm.Open(t.Context(), lmtest.TinyModel(t, 48), lm.Options{Device: name}); !errors.Is(err, lm.ErrDevice) {
			t.Errorf("%q: %v, want ErrDevice", name, err)
		}
	}
}
