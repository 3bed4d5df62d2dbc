package ask

import (
	"context"
	"fmt"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/lm"
)

// longest is how many tokens an action may have.
const longest = 96

// Says reports whether the model says exactly the action in a state, with an adapter that
// the engine has by that name, or lm.NoAdapter. No grammar helps it.
func Says(ctx context.Context, engine *lm.Engine, adapter string, state prompt.State, right action.Action) (bool, error) {
	said, err := engine.Generate(ctx, Messages(state), lm.GenerateOptions{Adapter: adapter, MaxTokens: longest})
	if err != nil {
		return false, fmt.Errorf("measure a step of %q: %w", state.Task, err)
	}
	return said.Text == right.String(), nil
}
