package lora_test

import (
	"errors"
	"math"
	"testing"

	"github.com/grokputer/grokputer/lm/lora"
)

func TestMoveBack(t *testing.T) {
	t.Parallel()
	for _, part := range []float32{0, 0.25, 0.5, 1} {
		from, to := filled(t, config()), filled(t, config())
		for p := range to.Params() {
			for j := range p.Data {
				p.Data[j] += float32(j%7) - 3
			}
		}
		start, end := elements(from), elements(to)
		if err := to.MoveBack(from, part); err != nil {
			t.Fatal(err)
		}
		for j, x := range elements(to) {
			want := start[j] + part*(end[j]-start[j])
			if math.Abs(float64(x-want)) > 1e-6 {
				t.Fatalf("part %g: element %d is %g, between %g and %g", part, j, x, start[j], end[j])
			}
		}
		if part == 1 {
			for j, x := range elements(to) {
				if math.Abs(float64(x-end[j])) > 1e-6 {
					t.Fatalf("all the way: element %d is %g, was %g", j, x, end[j])
				}
			}
		}
	}
}

func TestMoveBackRefuses(t *testing.T) {
	t.Parallel()
	a := filled(t, config())
	other := config()
	other.Rank++
	scaled := filled(t, config())
	scaled.At(0, lora.Query).Scale *= 2
	for name, test := range map[string]struct {
		from *lora.Adapter
		part float32
		want error
	}{
		"another rank":        {filled(t, other), 0.5, lora.ErrMismatch},
		"another scale":       {scaled, 0.5, lora.ErrMismatch},
		"more than all":       {filled(t, config()), 1.5, lora.ErrInvalid},
		"the other direction": {filled(t, config()), -0.5, lora.ErrInvalid},
		"no number":           {filled(t, config()), float32(math.NaN()), lora.ErrInvalid},
	} {
		if err := a.MoveBack(test.from, test.part); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
	}
}
