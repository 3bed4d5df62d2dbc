package lm_test

import (
	"reflect"
	"testing"

	"github.com/grokputer/grokputer/lm"
	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/lm/train"
)

// An engine learns which of two answers is preferred, and which answers are good.
func TestTrainPreferences(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"dpo", "kto"} {
		e := open(t, tiny(t, 64), lm.Options{Threads: 1})
		a, err := e.NewAdapter(lora.Config{Rank: 4, Alpha: 8, Targets: lora.AllModules()}, 1)
		if err != nil {
			t.Fatal(err)
		}
		opts := train.DefaultOptions()
		opts.Epochs, opts.BatchExamples, opts.LearningRate = 6, 4, 5e-3
		var first, last train.Stepped
		opts.OnEvent = func(event train.Event) {
			if s, ok := event.(train.Stepped); ok {
				if s.Step == 1 {
					first = s
				}
				last = s
			}
		}
		data := curriculum(t, e, kind)
		for i := range data.Rated { // a lesson that can be learnt: one of the two answers
			pair, err := e.Pair(nil, `click "ok"`, "look away")
			if err != nil {
				t.Fatal(err)
			}
			data.Rated[i].Completion = pair.Rejected
			if data.Rated[i].Desirable {
				data.Rated[i].Completion = pair.Chosen
			}
		}
		if _, err := e.Train(t.Context(), a, data, opts); err != nil {
			t.Fatal(err)
		}
		// Before the first step adapter and reference are one.
		if first.Chosen != 0 || first.Rejected != 0 || last.Margin < 0.5 || last.Loss > 0.8*first.Loss {
			t.Errorf("%s: the first step %+v, the last %+v", kind, first, last)
		}
	}
}

// A training gives the same adapter, bit for bit, whether unpacked weights are kept or not.
func TestTrainOnTheFly(t *testing.T) {
	t.Parallel()
	var trained []*lora.Adapter
	for _, onTheFly := range []bool{false, true} {
		e := open(t, tiny(t, 48), lm.Options{DequantizeOnTheFly: onTheFly})
		a, opts := newAdapter(t, e, 1), fitting()
		opts.Epochs = 3
		if _, err := e.Train(t.Context(), a, lessons(t, e), opts); err != nil {
			t.Fatal(err)
		}
		trained = append(trained, a)
	}
	if !reflect.DeepEqual(trained[0].Layers, trained[1].Layers) {
		t.Error("the adapters differ")
	}
}
