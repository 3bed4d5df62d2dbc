package model

import (
	"context"
	"fmt"

	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/lora"
)

// Forward appends tokens to the cache and writes the logits [Vocab] of the last one to dst. The adapter
// is attached for this call only; nil means none. After an error the cache is as before.
func (m *Model) Forward(ctx context.Context, c *Cache, a *lora.Adapter, tokens []int32, dst []float32) error {
	if len(dst) != m.config.Vocab {
		return fmt.Errorf("%w: room for %d logits, a row has %d", ErrInput, len(dst), m.config.Vocab)
	}

	return m.extend(ctx, c, a, tokens, answer{logits: dst})
}

// ForwardRows is Forward for several positions: it writes the logits [len(rows), Vocab] of the tokens
// with the given indexes, which must rise.
func (m *Model) ForwardRows(
	ctx context.Context, c *Cache, a *lora.Adapter, tokens []int32, rows []int, dst []float32,
) error {
	if len(dst) != len(rows)*m.config.Vocab {
		return fmt.Errorf("%w: room for %d logits, %d rows have %d", ErrInput, len(dst), len(rows), len(rows)*m.config.Vocab)
	}

	if err := checkRows(rows, len(tokens)); err != nil {
		return err
	}

	return m.extend(ctx, c, a, tokens, answer{rows: rows, logits: dst})
}

// ForwardCandidates is Forward for some tokens of the vocabulary: dst[i] is the logit of candidates[i]. Other rows of
// the output head are not read, apart from neighbours in the same group of a packed weight.
func (m *Model) ForwardCandidates(
	ctx context.Context, c *Cache, a *lora.Adapter, tokens, candidates []int32, dst []float32,
) error {
	if err := m.checkCandidates(candidates, dst); err != nil {
		return err
	}

	return m.extend(ctx, c, a, tokens, answer{candidates: candidates, logits: dst})
}

// answer is which logits of some tokens are wanted.
type answer struct {
	rows       []int   // indexes of the tokens, rising; nil means the last
	candidates []int32 // nil means the whole vocabulary
	logits     []float32
}

// want sets the wanted rows among tokens [from, to) of n.
func (w *answer) want(p *pass, from, to, n int) {
	if w.rows == nil && to == n {
		p.rows = append(p.rows, int32(to-from-1))
	}

	for _, row := range w.rows {
		if row >= from && row < to {
			p.rows = append(p.rows, int32(row-from))
		}
	}
}

// read writes the logits of the wanted rows, whose final states are x, before those of later parts.
func (w *answer) read(p *pass, x compute.Tensor) {
	h := p.normed(x)

	if w.candidates != nil {
		p.readCandidates(h, w.candidates, w.logits)

		return
	}

	n := h.Rows * p.model.config.Vocab
	p.ops.Read(w.logits[:n], p.logits(h))
	w.logits = w.logits[n:]
}

// extend runs tokens through the layers in parts of at most batchTokens.
func (m *Model) extend(ctx context.Context, c *Cache, a *lora.Adapter, tokens []int32, w answer) error {
	if err := m.checkCall(c, a, tokens); err != nil {
		return err
	}

	before := c.length

	err := m.run(ctx, func(o compute.Ops) error {
		if err := c.reserve(len(tokens)); err != nil {
			return err
		}

		w := w // so that it need not move to the heap

		for from := 0; from < len(tokens); from += m.batchTokens {
			to := min(from+m.batchTokens, len(tokens))
			mark := o.Mark()

			p := m.begin(o, a)
			p.cache = c
			p.tokens = tokens[from:to]
			p.single(c.length, to-from)
			w.want(p, from, to, len(tokens))

			x, err := p.forward(ctx)
			if err != nil {
				return err
			}

			if len(p.rows) > 0 {
				w.read(p, x)
			}

			c.length += to - from
			o.Release(mark)
		}

		return o.Err()
	})
	if err != nil {
		c.length = before
	}

	return err
}

// begin resets the pass.
func (m *Model) begin(o compute.Ops, a *lora.Adapter) *pass {
	p := &m.pass
	m.keep(a)
	p.ops, p.adapter, p.gradient, p.cache = o, a, nil, nil
	p.dropout, p.recompute = dropout{}, false
	p.rows, p.labels = p.rows[:0], p.labels[:0]
	p.held, p.runs = p.held[:0], p.runs[:0]

	return p
}

// checkCall refuses what a sequence cannot be continued with.
func (m *Model) checkCall(c *Cache, a *lora.Adapter, tokens []int32) error {
	switch {
	case c == nil || c.model != m:
		return fmt.Errorf("%w: the cache is not one of this model", ErrInput)
	case len(tokens) == 0:
		return fmt.Errorf("%w: no tokens", ErrInput)
	}

	if err := m.checkTokens(tokens); err != nil {
		return err
	}

	return m.checkAdapter(a, nil)
}

func checkRows(rows []int, n int) error {
	if len(rows) == 0 {
		return fmt.Errorf("%w: no rows wanted", ErrInput)
	}

	before := -1
	for _, row := range rows {
		if row <= before || row >= n {
			return fmt.Errorf("%w: rows %v are not rising indexes of %d tokens", ErrInput, rows, n)
		}

		before = row
	}

	return nil
}

func (m *Model) checkTokens(tokens []int32) error {
	for i, token := range tokens {
		if token < 0 || int(token) >= m.config.Vocab {
			return fmt.Errorf("%w: token %d at %d, the vocabulary has %d", ErrInput, token, i, m.config.Vocab)
		}
	}

	return nil
}

func (m *Model) checkCandidates(candidates []int32, dst []float32) error {
	if len(candidates) == 0 || len(dst) != len(candidates) {
		return fmt.Errorf("%w: room for %d logits of %d candidates", ErrInput, len(dst), len(candidates))
	}

	return m.checkTokens(candidates)
}

func (m *Model) checkLabels(labels []int32) error {
	for i, label := range labels {
		if int(label) >= m.config.Vocab {
			return fmt.Errorf("%w: label %d at %d, the vocabulary has %d", ErrInput, label, i, m.config.Vocab)
		}
	}

	return nil
}
