package job

import (
	"fmt"
	"path/filepath"

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
}

// examples reads and encodes the job's dataset.
func (r *run) examples() (examples, error) {
	read, err := trainer.ReadExamples(filepath.Join(r.Folder, trainer.DatasetFile))
	if err != nil {
		return examples{}, err
	}
	var set examples
	for _, e := range read {
		if e.Kind == trainer.KindBad {
			continue // nobody said what was right
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
