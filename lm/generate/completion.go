package generate

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/grokputer/grokputer/lm/generate/grammar"
)

// completion is one completion under way. advance and accept are called in turn,
// with a forward pass between them.
type completion struct {
	opts    Options
	writer  *writer
	chooser chooser
	stops   []int32
	began   time.Time

	prompt     int     // tokens of tokens
	tokens     []int32 // prompt and text so far
	candidates []int32 // for the choice at hand
	ends       bool    // stops are among them

	room      []int32       // candidates with stops
	roomState grammar.State // where they are those

	finish       Finish
	choices      []Choice
	alternatives []Alternative // of the choices
	stats        Stats
}

func newCompletion(w *writer, prompt []int32, opts Options, stops []int32) *completion {
	return &completion{
		opts: opts, writer: w, chooser: newChooser(opts.Sampling), stops: stops, began: time.Now(),
		prompt: len(prompt), tokens: slices.Clone(prompt),
	}
}

// advance writes what needs no choice. It returns whether there is a choice to make
// then, among the candidates; else the completion has ended.
func (c *completion) advance() (bool, error) {
	w := c.writer
	for c.finish == 0 {
		w.extend()
		if err := w.automaton.Err(); err != nil {
			return false, fmt.Errorf("generate: %w", err)
		}
		switch {
		case w.complete():
			c.finish = Complete
			return false, nil
		case len(w.ids) >= c.opts.MaxTokens:
			c.finish = Length
			return false, nil
		}
		allowed, ends := w.allowed()
		if err := w.automaton.Err(); err != nil {
			return false, fmt.Errorf("generate: %w", err)
		}
		if len(allowed) == 1 && !ends {
			w.take(allowed[0])
			continue
		}
		c.candidates, c.ends = allowed, ends
		if ends && len(c.stops) > 0 {
			c.candidates = c.withStops(allowed)
		}
		return true, nil
	}
	return false, nil
}

// withStops returns the allowed tokens and those stops that are not text here.
func (c *completion) withStops(allowed []int32) []int32 {
	s := c.writer.states[c.writer.cut]
	if len(c.room) > 0 && c.roomState == s {
		return c.room // as inside of free text, token after token
	}
	c.room, c.roomState = append(c.room[:0], allowed...), s
	for _, id := range c.stops {
		if !c.writer.isText(id) {
			c.room = append(c.room, id)
		}
	}
	return c.room
}

// target returns the tokens whose successor is to be chosen; it is valid until the
// next call.
func (c *completion) target() []int32 {
	c.tokens = append(c.tokens[:c.prompt], c.writer.ids...)
	return c.tokens
}

// count notes a forward pass that computed the last so many tokens of the target.
func (c *completion) count(target, computed int, took time.Duration) {
	if c.stats.Forwards == 0 {
		c.stats.Reused = target - computed
		c.stats.Prefill = took
		c.stats.Prefilled = computed
	} else {
		c.stats.Decode += took
		c.stats.Decoded += computed
	}
	c.stats.Forwards++
}

// accept makes the choice; logits are the candidates'. It returns an error if it
// cannot be made. After the end of the turn was chosen, finish is set.
func (c *completion) accept(logits []float32) error {
	chosen, logSum, err := c.chooser.choose(c.candidates, logits)
	if err != nil {
		return err
	}
	choice := Choice{Token: chosen.id, Offset: c.writer.cut, Logprob: math.Min(0, float64(chosen.logit)-logSum)}
	if n := c.opts.Alternatives; n > 0 {
		first := len(c.alternatives)
		c.alternatives = c.chooser.alternatives(c.alternatives, n, c.candidates, logits, logSum)
		choice.Alternatives = c.alternatives[first:len(c.alternatives):len(c.alternatives)]
	}
	c.choices = append(c.choices, choice)
	if c.ends && slices.Contains(c.stops, chosen.id) && !c.writer.isText(chosen.id) {
		c.finish = Stopped
		return nil
	}
	c.writer.take(chosen.id)
	c.stats.Chosen++
	return nil
}

func (c *completion) result() Result {
	w := c.writer
	res := Result{
		Text:       string(w.text[:w.cut]),
		Tokens:     w.ids,
		Finish:     c.finish,
		Confidence: 1,
		Choices:    c.choices,
		Stats:      c.stats,
	}
	res.Stats.Forced = max(0, len(res.Tokens)-c.stats.Chosen)
	res.Stats.Total = time.Since(c.began)
	sum := 0.0
	for _, choice := range c.choices {
		sum += choice.Logprob
		res.MinLogprob = min(res.MinLogprob, choice.Logprob)
	}
	if n := len(c.choices); n > 0 {
		res.MeanLogprob = sum / float64(n)
		res.Confidence = math.Exp(sum)
	}
	return res
}
