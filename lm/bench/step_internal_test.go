package bench

import (
	"testing"

	"github.com/grokputer/grokputer/lm"
	"github.com/grokputer/grokputer/lm/golden"
)

// An agent's step on the base model, the median's parts beside it.
func BenchmarkStep(b *testing.B) {
	engine, err := lm.Open(b.Context(), golden.ModelPath(b), lm.Options{Context: FullSize().Screen + actionTokens})
	if err != nil {
		b.Fatal(err)
	}
	defer func() {
		if err := engine.Close(); err != nil {
			b.Error(err)
		}
	}()
	size := FullSize()
	size.Examples = 1
	w, err := Build(engine, size, 1)
	if err != nil {
		b.Fatal(err)
	}
	var times []float64
	b.ReportAllocs()
	b.ResetTimer()
	for i := 0; b.Loop(); i++ {
		s := w.Steps[i%len(w.Steps)]
		b.StopTimer()
		if _, _, err := step(b.Context(), engine, s.Before.Messages, s.Elements); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		_, took, err := step(b.Context(), engine, s.After.Messages, s.Elements)
		if err != nil {
			b.Fatal(err)
		}
		times = append(times, milliseconds(took))
	}
	b.ReportMetric(median(times), "median-ms")
}
