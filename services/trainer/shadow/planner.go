package shadow

import (
	"context"
	"errors"

	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/lm"
	"github.com/grokputer/grokputer/lm/generate"
	"github.com/grokputer/grokputer/services/trainer/internal/ask"
)

// Planner says what a version does when it is told a state. An answer of more than so many
// tokens may be cut there. ErrTooLong means that the version cannot be told so much.
type Planner func(ctx context.Context, state prompt.State, most int) (said string, err error)

// ErrTooLong means that what the planner was told does not fit the model's context. The
// agent would cut the screen; what it said then says nothing about this version.
var ErrTooLong = errors.New("shadow: the prompt is longer than the model's context")

// Engine plans with one of an engine's adapters, or lm.NoAdapter: the most probable action
// in the conversation of the training, with no grammar to help.
func Engine(e *lm.Engine, adapter string) Planner {
	return func(ctx context.Context, state prompt.State, most int) (string, error) {
		said, err := e.Generate(ctx, ask.Messages(state), lm.GenerateOptions{Adapter: adapter, MaxTokens: most})
		if errors.Is(err, generate.ErrContext) {
			return "", ErrTooLong
		}
		return said.Text, err
	}
}
