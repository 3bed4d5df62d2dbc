package bench

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/grokputer/grokputer/cmd/grokputer/readback"
	"github.com/grokputer/grokputer/contracts"
)

// drawWrite: a text is typed into a new window of the editor.
func drawWrite(rng *rand.Rand) Case {
	text := randomText(rng)
	editor := one(rng, "notepad", "the text editor")
	return Case{
		Kind: "write",
		Task: one(rng,
			"open "+editor+" and type "+text,
			"open "+editor+" and write "+text,
			"please open "+editor+" and type "+text,
			"start "+editor+", then type "+text,
			"launch "+editor+" and enter the text "+text,
			"could you open "+editor+" and type in \""+text+"\"",
		),
		Judge: func(ctx context.Context, p Place, _ contracts.TaskEnded) (string, error) {
			return judgeText(ctx, p, text)
		},
	}
}

// judgeText wants a text, and nothing else, in the editor.
func judgeText(ctx context.Context, p Place, text string) (string, error) {
	got, err := readback.Text(ctx, p.Display, p.Editor)
	if errors.Is(err, readback.ErrNoWindow) {
		return "no editor is open", nil
	}
	if err != nil {
		return "", err
	}
	if got != text {
		return fmt.Sprintf("the editor holds %q", got), nil
	}
	return "", nil
}
