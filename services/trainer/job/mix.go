package job

import (
	"fmt"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/services/trainer"
)

// pairEvery is of how many variants of corrected steps one is a pair, too, when methods are
// mixed: a pair costs as much as two examples and their reference.
const pairEvery = 4

// use is in which forms an example is trained on, or that it is only measured with.
type use struct {
	heldOut, sft, pair     bool
	desirable, undesirable bool
}

// mix says in which forms the examples of a dataset are used.
type mix struct {
	method contracts.TrainingMethod
	// judged is how many of the right steps go with the wrong ones in a mixture: as
	// many as there are of these (Ethayarajh et al. 2024 have them about even).
	judged int
	good   int // right steps so far
	varied int // variants of corrected steps so far
}

// mixOf decides how to use the examples. The error is an ErrUntrainable when a method has nothing
// to learn from.
func mixOf(method contracts.TrainingMethod, examples []trainer.Example) (*mix, error) {
	pairs, right, wrong := 0, 0, 0
	m := &mix{method: method}
	for _, e := range examples {
		switch {
		case e.HeldOut:
		case e.Kind == trainer.KindLesson && e.Wrong != nil:
			pairs++
		case e.Kind == trainer.KindGood:
			right++
		case e.Kind == trainer.KindBad:
			wrong++
		}
	}
	switch {
	case method == contracts.MethodDPO && pairs == 0:
		return nil, fmt.Errorf("%w: the method dpo learns from corrected steps, and there are none: use auto", trainer.ErrUntrainable)
	case method == contracts.MethodKTO && (pairs+wrong == 0 || pairs+right == 0):
		return nil, fmt.Errorf("%w: the method kto learns from right and from wrong steps, and there are %d and %d: use auto",
			trainer.ErrUntrainable, pairs+right, pairs+wrong)
	case method == contracts.MethodAuto:
		m.judged = min(right, wrong)
	}
	return m, nil
}

// of says how the next example is used.
func (m *mix) of(e trainer.Example) use {
	lesson, bad := e.Kind == trainer.KindLesson, e.Kind == trainer.KindBad
	rated := lesson || bad || e.Kind == trainer.KindGood
	pair := lesson && e.Wrong != nil && e.State.Check(*e.Wrong) == nil
	switch {
	case e.HeldOut:
		return use{heldOut: !bad}
	case m.method == contracts.MethodDPO:
		return use{pair: pair, sft: !bad && !pair}
	case m.method == contracts.MethodKTO:
		return use{desirable: rated && !bad, undesirable: bad || pair, sft: !rated}
	case m.method == contracts.MethodAuto:
		return m.mixed(e, pair)
	default:
		return use{sft: !bad}
	}
}

// mixed is the use of an example when methods are mixed by what there is.
func (m *mix) mixed(e trainer.Example, pair bool) use {
	switch e.Kind {
	case trainer.KindBad:
		return use{undesirable: m.judged > 0}
	case trainer.KindGood:
		m.good++
		return use{sft: true, desirable: m.good <= m.judged}
	case trainer.KindLesson:
		if e.Varied {
			m.varied++
			pair = pair && m.varied%pairEvery == 0
		}
		return use{sft: true, pair: pair}
	default:
		return use{sft: true}
	}
}
