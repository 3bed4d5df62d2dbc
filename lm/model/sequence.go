package model

import (
	"context"
	"fmt"
	"slices"

	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/lora"
)

// Sequence is one of several texts that ForwardBatch continues together.
type Sequence struct {
	Cache   *Cache
	Adapter *lora.Adapter // nil means none
	Tokens  []int32       // that follow those in the cache; at least one

	// Candidates are the tokens whose logits are wanted, as in Model.ForwardCandidates; nil means the whole vocabulary.
	Candidates []int32
}

// ForwardBatch appends each sequence's tokens to its cache and writes the logits [Vocab], or those of its
// candidates, of sequence i's last token to dst[i]. The products with the base model's weights are made for all sequences together,
// each weight being read once; adapters are added to the rows of the sequences that have them, and each
// sequence looks at its own cache only. No cache may occur twice. After an error all caches are as before.
//
// The logits are those of Forward but for rounding: products of other sizes add in another order.
func (m *Model) ForwardBatch(ctx context.Context, sequences []Sequence, dst [][]float32) error {
	if err := m.checkEach(sequences, dst); err != nil {
		return err
	}

	before := make([]int, len(sequences))
	for i, s := range sequences {
		before[i] = s.Cache.length
	}

	err := m.run(ctx, func(o compute.Ops) error {
		for _, s := range sequences {
			if err := s.Cache.reserve(len(s.Tokens)); err != nil {
				return err
			}
		}

		queue := byAdapter(sequences)
		for len(queue) > 0 {
			mark := o.Mark()

			p := m.begin(o, nil)
			queue = p.hold(sequences, queue, m.batchTokens)

			x, err := p.forward(ctx)
			if err != nil {
				return err
			}

			p.readLogits(x, sequences, dst)

			for _, h := range p.held {
				h.cache.length += h.to - h.from
			}

			o.Release(mark)
		}

		return o.Err()
	})
	if err != nil {
		for i, s := range sequences {
			s.Cache.length = before[i]
		}
	}

	return err
}

// held is the rows [from, to) of a pass, tokens of one sequence.
type held struct {
	cache    *Cache
	sequence int
	from, to int
	ends     bool // with the sequence's last token, whose logits are wanted
}

// run is rows [from, to) of a pass, and wanted rows [wantedFrom, wantedTo), that have the same adapter.
type run struct {
	adapter              *lora.Adapter
	from, to             int
	wantedFrom, wantedTo int
}

// rest is what a sequence has still to compute.
type rest struct{ sequence, done int }

// byAdapter returns all sequences, those with equal adapters next to each other, else in their order.
func byAdapter(sequences []Sequence) []rest {
	queue := make([]rest, 0, len(sequences))

	for i, s := range sequences {
		same := func(other Sequence) bool { return other.Adapter == s.Adapter }
		if slices.ContainsFunc(sequences[:i], same) {
			continue // taken with the first of them
		}

		for j := i; j < len(sequences); j++ {
			if same(sequences[j]) {
				queue = append(queue, rest{sequence: j})
			}
		}
	}

	return queue
}

// hold fills the pass with at most that many tokens from the queue's front and returns what is left of it.
func (p *pass) hold(sequences []Sequence, queue []rest, most int) []rest {
	p.batch = p.batch[:0]
	p.positions = p.positions[:0]

	for len(queue) > 0 && len(p.batch) < most {
		next := &queue[0]
		s := sequences[next.sequence]
		from := len(p.batch)
		n := min(len(s.Tokens)-next.done, most-from)
		p.batch = append(p.batch, s.Tokens[next.done:next.done+n]...)
		next.done += n

		for i := range n {
			p.positions = append(p.positions, int32(s.Cache.length+i))
		}

		h := held{cache: s.Cache, sequence: next.sequence, from: from, to: from + n, ends: next.done == len(s.Tokens)}
		p.held = append(p.held, h)
		p.join(h, s.Adapter)

		if h.ends {
			p.rows = append(p.rows, int32(h.to-1))
			queue = queue[1:]
		}
	}

	p.tokens = p.batch

	if len(p.runs) == 1 {
		p.adapter = p.runs[0].adapter
		p.runs = p.runs[:0]
	}

	return queue
}

// join adds rows to the last run or begins one.
func (p *pass) join(h held, a *lora.Adapter) {
	if n := len(p.runs); n == 0 || p.runs[n-1].adapter != a {
		p.runs = append(p.runs, run{adapter: a, from: h.from, wantedFrom: len(p.rows)})
	}

	r := &p.runs[len(p.runs)-1]
	r.to, r.wantedTo = h.to, len(p.rows)

	if h.ends {
		r.wantedTo++
	}
}

// readLogits writes the logits of the sequences that end in this pass.
func (p *pass) readLogits(x compute.Tensor, sequences []Sequence, dst [][]float32) {
	if len(p.rows) == 0 {
		return
	}

	h := p.normed(x)
	p.rows = p.rows[:0] // from now on those of h that need the whole head
	row := int32(0)

	for _, held := range p.held {
		if !held.ends {
			continue
		}

		if candidates := sequences[held.sequence].Candidates; candidates != nil {
			p.readCandidates(h.RowRange(int(row), int(row)+1), candidates, dst[held.sequence])
		} else {
			p.rows = append(p.rows, row)
		}

		row++
	}

	if len(p.rows) == 0 {
		return
	}

	if len(p.rows) < h.Rows {
		all := h
		h = p.ops.Scratch(len(p.rows), all.Cols)
		p.ops.Gather(h, all, p.rows)
	}

	logits := p.logits(h)
	at := 0

	for _, held := range p.held {
		if held.ends && sequences[held.sequence].Candidates == nil {
			p.ops.Read(dst[held.sequence], logits.RowRange(at, at+1))
			at++
		}
	}
}

// lookBack lets the queries of layer i look at the keys, after those of the past if there is a cache, where
// the new ones are left too.
func (p *pass) lookBack(i int) {
	o, s, heads := p.ops, &p.states[i], p.heads(i)
	q, k, v := p.split(s.qkv)

	switch {
	case len(p.held) > 0:
		for _, h := range p.held {
			n := h.to - h.from
			keys, values := h.cache.remember(o, i, k.RowRange(h.from, h.to), v.RowRange(h.from, h.to))
			p.spans = append(p.spans[:0], compute.Span{Queries: n, Keys: h.cache.length + n})
			o.Attention(s.mixed.RowRange(h.from, h.to), compute.Tensor{}, q.RowRange(h.from, h.to), keys, values, p.spans, heads)
		}
	case p.cache != nil:
		keys, values := p.cache.remember(o, i, k, v)
		o.Attention(s.mixed, s.logSum, q, keys, values, p.spans, heads)
	default:
		o.Attention(s.mixed, s.logSum, q, k, v, p.spans, heads)
	}
}

// linearRuns is linear for rows with different adapters.
func (p *pass) linearRuns(layer int, g group, y, x compute.Tensor, w compute.Weight, add bool) {
	p.ops.Linear(y, x, w, nil, compute.LinearCall{Add: add})

	for _, r := range p.runs {
		from, to := r.from, r.to
		if p.last(layer) && g != groupQKV { // only the wanted rows are left
			from, to = r.wantedFrom, r.wantedTo
		}

		if r.adapter == nil || from == to {
			continue
		}

		p.adapter = r.adapter
		p.ops.LowRank(y.RowRange(from, to), x.RowRange(from, to), p.lowRanks(layer, g))
		p.adapter = nil
	}
}

func (m *Model) checkEach(sequences []Sequence, dst [][]float32) error {
	if len(sequences) == 0 || len(dst) != len(sequences) {
		return fmt.Errorf("%w: %d sequences and room for the logits of %d", ErrInput, len(sequences), len(dst))
	}

	for i, s := range sequences {
		if err := m.checkSequence(s, dst[i]); err != nil {
			return fmt.Errorf("sequence %d: %w", i, err)
		}

		if slices.ContainsFunc(sequences[:i], func(other Sequence) bool { return other.Cache == s.Cache }) {
			return fmt.Errorf("%w: sequence %d has the cache of another", ErrInput, i)
		}
	}

	return nil
}

func (m *Model) checkSequence(s Sequence, dst []float32) error {
	if err := m.checkCall(s.Cache, s.Adapter, s.Tokens); err != nil {
		return err
	}

	if s.Candidates != nil {
		return m.checkCandidates(s.Candidates, dst)
	}

	if len(dst) != m.config.Vocab {
		return fmt.Errorf("%w: room for %d logits, a row has %d", ErrInput, len(dst), m.config.Vocab)
	}

	return nil
}
