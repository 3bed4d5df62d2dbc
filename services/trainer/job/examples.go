package job

import (
	"fmt"

	"github.com/grokputer/grokputer/lm/train"
	"github.com/grokputer/grokputer/services/trainer"
	"github.com/grokputer/grokputer/services/trainer/internal/ask"
)

// examples are the dataset in tokens.
type examples struct {
	train.Dataset

	tokens, heldOutTokens int // prompts included
	longest               int
	dropped               int // that are too long for the model

	read []trainer.Example // all of the dataset
}

// examples encodes a dataset, without the steps of the gate's sets.
func (r *run) examples(read []trainer.Example) (examples, error) {
	set := examples{read: read}
	for _, e := range read {
		if e.Kind == trainer.KindBad || e.Set != "" {
			continue // nobody said what was right, or it is measured with at the end
		}
		tokens, err := r.engine.Example(ask.Messages(e.State), e.Right.String())
		if err != nil {
			return examples{}, fmt.Errorf("an example of %q: %w", e.State.Task, err)
		}
		length := len(tokens.Prompt) + len(tokens.Completion)
		switch {
		case length > r.engine.Info().Context:
			set.dropped++
			continue
		case e.HeldOut:
			set.HeldOut = append(set.HeldOut, tokens)
			set.heldOutTokens += length
		default:
			set.Train = append(set.Train, tokens)
			set.tokens += length
		}
		set.longest = max(set.longest, length)
	}
	if len(set.Train) == 0 {
		return examples{}, fmt.Errorf("%w: none of the %d examples fits the model's context of %d tokens",
			trainer.ErrUntrainable, len(read), r.engine.Info().Context)
	}
	return set, nil
}
