package bench

import (
	"context"
	"time"

	"github.com/grokputer/grokputer/lm"
	"github.com/grokputer/grokputer/lm/chat"
	"github.com/grokputer/grokputer/lm/generate/grammar"
)

// actionTokens bounds an action. Every text of the grammar is shorter.
const actionTokens = 64

// measureStep does each step after the one before it. Its time is that of the whole
// step: the grammar is compiled, the prompt rendered and tokenised, what is new of
// it computed, and the action written.
func measureStep(ctx context.Context, a Assignment, w Workload) (Outcome, error) {
	out := Outcome{Values: map[Metric]float64{}}
	err := withEngine(ctx, a, w, func(engine *lm.Engine) error {
		out.Device = engine.Info().Device
		if _, _, err := step(ctx, engine, w.Steps[0].After.Messages, w.Steps[0].Elements); err != nil { // packs weights
			return err
		}
		var times []float64
		for _, s := range w.Steps {
			if _, _, err := step(ctx, engine, s.Before.Messages, s.Elements); err != nil {
				return err
			}
			text, took, err := step(ctx, engine, s.After.Messages, s.Elements)
			if err != nil {
				return err
			}
			out.Texts = append(out.Texts, text)
			times = append(times, milliseconds(took))
		}
		out.Values[StepTime] = median(times)
		return nil
	})
	return out, err
}

func step(ctx context.Context, engine *lm.Engine, messages []chat.Message, elements []string) (string, time.Duration, error) {
	began := time.Now()
	g, err := grammar.Compile(actions(elements).expr())
	if err != nil {
		return "", 0, err
	}
	res, err := engine.Generate(ctx, messages, lm.GenerateOptions{Grammar: g, MaxTokens: actionTokens})
	return res.Text, time.Since(began), err
}
