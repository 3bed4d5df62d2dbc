package model

import (
	"context"
	"fmt"
	"slices"

	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/lora"
)

// Score appends tokens, at least one, to the cache and writes the log probability of each continuation's tokens after
// them to dst[i], which has as many places. The continuations are computed together with the tokens and each other, see
// neither of the others, and do not stay in the cache, but it must have room for the longest of them. After an error
// the cache is as before.
func (m *Model) Score(
	ctx context.Context, c *Cache, a *lora.Adapter, tokens []int32, continuations [][]int32, dst [][]float64,
) error {
	if err := m.checkContinuations(continuations, dst); err != nil {
		return err
	}

	if err := m.checkCall(c, a, tokens); err != nil {
		return err
	}

	before := c.length

	err := m.run(ctx, func(o compute.Ops) error {
		longest := 0
		for _, t := range continuations {
			longest = max(longest, len(t)-1)
		}

		if err := c.reserve(len(tokens) + longest); err != nil {
			return err
		}

		for s := (scoring{rest: tokens, continuations: continuations, dst: dst}); !s.complete(); {
			mark := o.Mark()
			p := m.begin(o, a)
			p.cache = c
			kept := s.hold(p, m.batchTokens)

			x, err := p.forward(ctx)
			if err != nil {
				return err
			}

			if len(p.rows) > 0 {
				p.loss(compute.Tensor{}, x)
				s.write(p.losses)
			}

			c.length += kept
			o.Release(mark)
		}

		return o.Err()
	})
	if err != nil {
		c.length = before
	}

	return err
}

// scoring is what a call of Score has still to do.
type scoring struct {
	rest          []int32 // tokens for the cache
	began         bool    // the last of them was computed, and with it the continuations' first tokens are scored
	continuations [][]int32
	next          int // of them
	dst           [][]float64
	places        []*float64 // for the losses of the pass at hand
}

func (s *scoring) complete() bool { return s.began && s.next == len(s.continuations) }

// hold fills the pass with at most that many tokens, but at least one continuation if nothing comes before it, and
// returns how many of them stay in the cache.
func (s *scoring) hold(p *pass, most int) int {
	s.places = s.places[:0]
	kept := min(most, len(s.rest))
	p.batch = append(p.batch[:0], s.rest[:kept]...)
	s.rest = s.rest[kept:]
	past := p.cache.length
	p.single(past, kept)

	if kept == 0 {
		p.spans = p.spans[:0]
	}

	if len(s.rest) == 0 {
		s.firstTokens(p)

		for s.next < len(s.continuations) && s.add(p, past, kept, most) {
			s.next++
		}
	}

	p.tokens = p.batch
	p.losses = slices.Grow(p.losses[:0], len(p.rows))[:len(p.rows)]

	return kept
}

// firstTokens wants the first token of each continuation after the last one of the tokens before them.
func (s *scoring) firstTokens(p *pass) {
	if s.began {
		return
	}

	s.began = true

	for i, t := range s.continuations {
		s.label(p, len(p.batch)-1, t[0], &s.dst[i][0])
	}
}

// add takes the next continuation, whose last token is only a label, unless it is too long for this pass.
func (s *scoring) add(p *pass, past, kept, most int) bool {
	t := s.continuations[s.next]
	n, at := len(t)-1, len(p.batch)

	switch {
	case n == 0:
		return true
	case at > 0 && (at+n > most || past+at+n > p.cache.capacity):
		return false
	}

	p.batch = append(p.batch, t[:n]...)
	p.spans = append(p.spans, compute.Span{Query: at, Queries: n, Key: past + at, Keys: n, Prefixed: past + kept})

	for i := range n {
		p.positions = append(p.positions, int32(past+kept+i))
		s.label(p, at+i, t[i+1], &s.dst[s.next][i+1])
	}

	return true
}

// label has the probability of a token after the one in that row of the pass written to a place.
func (s *scoring) label(p *pass, row int, token int32, place *float64) {
	p.rows = append(p.rows, int32(row))
	p.labels = append(p.labels, token)
	s.places = append(s.places, place)
}

func (s *scoring) write(losses []float64) {
	for i, l := range losses {
		*s.places[i] = -l
	}
}

func (m *Model) checkContinuations(continuations [][]int32, dst [][]float64) error {
	if len(continuations) == 0 || len(dst) != len(continuations) {
		return fmt.Errorf("%w: %d continuations, room for the results of %d", ErrInput, len(continuations), len(dst))
	}

	for i, t := range continuations {
		if len(t) == 0 || len(dst[i]) != len(t) {
			return fmt.Errorf("%w: continuation %d has %d tokens, room for %d results", ErrInput, i, len(t), len(dst[i]))
		}

		if err := m.checkTokens(t); err != nil {
			return fmt.Errorf("continuation %d: %w", i, err)
		}
	}

	return nil
}
