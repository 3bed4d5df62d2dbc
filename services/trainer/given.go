package trainer

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/grokputer/grokputer/kit/blob"
)

// given is the dataset that the job was asked to learn from.
func (w *work) given(ctx context.Context) (Dataset, error) {
	examples, err := w.service.dataset(ctx, w.job.Dataset)
	switch {
	case errors.Is(err, blob.ErrNotFound), errors.Is(err, blob.ErrCorrupt), errors.Is(err, errExamples):
		return Dataset{}, fmt.Errorf("%w: the dataset that it was given: %w", ErrUntrainable, err)
	case err != nil:
		return Dataset{}, err
	}
	d := imported(w.config.Recipe, examples)
	if d.Lessons+d.Good+d.Replay == 0 {
		return Dataset{}, fmt.Errorf("%w: none of the %d examples that it was given says what is right", ErrUntrainable, len(examples))
	}
	return d, nil
}

// imported is a dataset of these examples. If none is only to be measured with, a tenth of
// each sort of those with a right answer is held out.
func imported(r Recipe, examples []Example) Dataset {
	held := false
	for _, e := range examples {
		held = held || e.HeldOut
	}
	var d Dataset
	if held {
		d.Examples = examples
	} else {
		var right, wrong []Example
		for _, e := range examples {
			if e.Kind == KindBad {
				wrong = append(wrong, e)
			} else {
				right = append(right, e)
			}
		}
		d.split(rand.New(rand.NewPCG(r.Seed, 0x1e550)), right)
		d.Examples = append(d.Examples, wrong...)
	}
	d.count()
	return d
}

// count counts the examples, and names the sessions that they come from.
func (d *Dataset) count() {
	d.Counts = Counts{}
	for _, e := range d.Examples {
		if e.Source != nil {
			d.name([]Example{e})
		}
		switch {
		case e.HeldOut:
			d.HeldOut++
		case e.Kind == KindLesson:
			d.Lessons++
			if e.Varied {
				d.Varied++
			}
		case e.Kind == KindGood:
			d.Good++
		case e.Kind == KindBad:
			d.Bad++
		default:
			d.Replay++
		}
	}
}
