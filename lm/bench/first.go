package bench

import (
	"context"
	"time"

	"github.com/grokputer/grokputer/lm"
	"github.com/grokputer/grokputer/lm/chat"
)

// measureFirst opens the model and has it write one token after a short prompt.
func measureFirst(ctx context.Context, a Assignment, w Workload) (Outcome, error) {
	out := Outcome{Values: map[Metric]float64{}}
	if err := readAhead(a.Model); err != nil {
		return out, err
	}
	began := time.Now()
	err := withEngine(ctx, a, w, func(engine *lm.Engine) error {
		out.Values[LoadTime] = milliseconds(time.Since(began))
		out.Device = engine.Info().Device
		_, err := engine.Generate(ctx, hello(), lm.GenerateOptions{MaxTokens: 1})
		out.Values[FirstTime] = milliseconds(time.Since(began))
		return err
	})
	return out, err
}

// hello is a short prompt.
func hello() []chat.Message { return []chat.Message{{Role: "user", Content: "Hello"}} }
