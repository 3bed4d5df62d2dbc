package generate

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/grokputer/grokputer/lm/lora"
)

// BatchDecoder is a model with several key-value caches of equal capacity, numbered
// from 0.
type BatchDecoder interface {
	// Caches is how many there are, at least one.
	Caches() int
	// Capacity is how many tokens each holds.
	Capacity() int
	// Truncate keeps the first n tokens of a cache.
	Truncate(cache, n int)
	// Copy makes cache dst hold the first n tokens of cache src.
	Copy(ctx context.Context, dst, src, n int) error
	// Forward appends each part's tokens to its cache, no cache occurring twice, and
	// writes the logits of the token after the last into dst[i]: those of the part's
	// candidates, or [vocabulary]. After an error all caches are as before.
	Forward(ctx context.Context, parts []Part, dst [][]float32) error
}

// Part is what one sequence adds in a pass of several.
type Part struct {
	Cache   int
	Adapter *lora.Adapter
	Tokens  []int32
	// Candidates are the only tokens whose logits are wanted, all different, in any
	// order; nil means the whole vocabulary.
	Candidates []int32
}

// Request is one of several completions.
type Request struct {
	Prompt  []int32
	Options Options
}

// Batch generates several completions at once, each in a cache of its own: one pass
// computes the next token of all, which costs little more than that of one. The
// completions are those that Session gives one by one, but for the rounding of the
// decoder's products.
//
// A completion that ends makes room for the next request. Prompts that begin alike
// (with the same adapter) are computed once as far as they do: whoever comes second
// waits for the first one's pass and copies its cache. It is not safe for concurrent
// use.
type Batch struct {
	dec    BatchDecoder
	texts  *texts
	lanes  []lane
	picked []float32
	parts  []Part      // of the pass at hand
	passed []*lane     // whose parts these are
	dst    [][]float32 // their logits
}

// lane is one cache with the completion that uses it.
type lane struct {
	cache   int
	cached  []int32 // tokens in the cache
	adapter *lora.Adapter
	logits  []float32 // [vocabulary]

	text    *completion // nil while the lane is free
	request int
	target  []int32 // what the cache has to hold for the choice at hand
}

// keptGrammars is how many grammars' masks a batch keeps for later completions.
const keptGrammars = 16

// NewBatch returns a batch on empty caches.
func NewBatch(dec BatchDecoder, vocab *Vocabulary) (*Batch, error) {
	texts, err := newTexts(vocab, keptGrammars)
	if err != nil {
		return nil, err
	}
	b := &Batch{dec: dec, texts: texts, lanes: make([]lane, dec.Caches())}
	if len(b.lanes) == 0 {
		return nil, fmt.Errorf("%w: a batch of no caches", ErrOption)
	}
	for i := range b.lanes {
		dec.Truncate(i, 0)
		b.lanes[i] = lane{cache: i, logits: make([]float32, texts.size())}
	}
	return b, nil
}

// Generate writes the completions of all requests. The i-th result is the i-th
// request's. A request that cannot be fulfilled leaves a zero Result, whose Finish
// is 0, and its error is one of those that the returned one joins, "request i: ...";
// the others are completed nevertheless. When ctx ends or a pass fails, all that are
// not completed yet get that error. Stats count a pass's whole time for each of its
// completions.
func (b *Batch) Generate(ctx context.Context, requests []Request) ([]Result, error) {
	r := &round{Batch: b, requests: requests, results: make([]Result, len(requests)), failed: make([]error, len(requests))}
	defer func() {
		for i := range b.lanes {
			b.lanes[i].text = nil
		}
	}()
	for r.advance() {
		if err := r.pass(ctx); err != nil {
			r.failRest(err)
			break
		}
	}
	var joined []error
	for i, err := range r.failed {
		if err != nil {
			joined = append(joined, fmt.Errorf("request %d: %w", i, err))
		}
	}
	return r.results, errors.Join(joined...)
}

// round is one call of Generate.
type round struct {
	*Batch
	requests []Request
	next     int // of requests to begin
	results  []Result
	failed   []error
}

// advance brings all lanes to a choice, ending completions and beginning others. It
// returns false when there is nothing left to do.
func (r *round) advance() bool {
	busy := false
	for i := range r.lanes {
		l := &r.lanes[i]
		if l.text != nil && !r.lead(l) {
			l.text = nil
		}
		for l.text == nil && r.next < len(r.requests) {
			r.begin(r.bestLane(l))
		}
		busy = busy || l.text != nil
	}
	return busy
}

// begin starts the next request in a free lane, unless it ends without a choice.
func (r *round) begin(l *lane) {
	request := r.requests[r.next]
	text, err := r.texts.begin(request.Prompt, request.Options)
	if err != nil {
		r.failed[r.next] = err
		r.next++
		return
	}
	l.text, l.request = text, r.next
	r.next++
	if !r.lead(l) {
		l.text = nil
	}
}

// lead brings a lane's completion to its next choice, or else stores its end.
func (r *round) lead(l *lane) bool {
	more, err := l.text.advance()
	switch {
	case err != nil:
		r.failed[l.request] = err
		return false
	case !more:
		r.results[l.request] = l.text.result()
		return false
	}
	if l.target = l.text.target(); len(l.target) > r.dec.Capacity() {
		r.failed[l.request] = tooLong(len(l.target), r.dec.Capacity())
		return false
	}
	return true
}

// failRest gives an error to all requests that have not ended.
func (r *round) failRest(err error) {
	for i := range r.lanes {
		if l := &r.lanes[i]; l.text != nil {
			r.failed[l.request] = err
		}
	}
	for ; r.next < len(r.requests); r.next++ {
		r.failed[r.next] = err
	}
}

// bestLane returns that of the free lanes whose cache begins most like the next
// request, at best the given one.
func (r *round) bestLane(best *lane) *lane {
	request := r.requests[r.next]
	most := -1
	for i := range r.lanes {
		l := &r.lanes[i]
		if l.text != nil {
			continue
		}
		same := 0
		if l.adapter == request.Options.Adapter {
			same = shared(l.cached, request.Prompt, len(request.Prompt))
		}
		if same > most {
			best, most = l, same
		}
	}
	return best
}

// pass computes the next logits of all lanes but those that wait for another one's
// prompt, and makes their choices.
func (r *round) pass(ctx context.Context) error {
	if err := r.gather(ctx); err != nil {
		return err
	}
	began := time.Now()
	if err := r.dec.Forward(ctx, r.parts, r.dst); err != nil {
		return fmt.Errorf("generate: forward pass of %d sequences: %w", len(r.parts), err)
	}
	took := time.Since(began)
	for i, l := range r.passed {
		tokens := r.parts[i].Tokens
		l.cached = append(l.cached, tokens...)
		l.text.count(len(l.target), len(tokens), took)
		logits := r.dst[i]
		if r.parts[i].Candidates == nil {
			r.picked = pick(r.picked, logits, l.text.candidates)
			logits = r.picked
		}
		if err := l.text.accept(logits); err != nil {
			r.failed[l.request] = err
			l.text = nil
		}
	}
	return nil
}

// gather prepares the caches and parts of the next pass.
func (r *round) gather(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("generate: stopped: %w", err)
	}
	r.parts, r.passed, r.dst = r.parts[:0], r.passed[:0], r.dst[:0]
	for i := range r.lanes {
		l := &r.lanes[i]
		if l.text == nil {
			continue
		}
		same, err := r.rewind(ctx, l)
		if err != nil {
			return err
		}
		if r.waits(l, same) {
			continue
		}
		part, dst := Part{Cache: l.cache, Adapter: l.adapter, Tokens: l.target[same:]}, l.logits
		if c := l.text.candidates; len(c) < fewCandidates {
			part.Candidates, dst = c, dst[:len(c)]
		}
		r.parts = append(r.parts, part)
		r.passed = append(r.passed, l)
		r.dst = append(r.dst, dst)
	}
	return nil
}

// To copy a token's keys and values is copyGain times as quick as to compute them,
// at the least; for fewer than leastShared tokens nobody waits a pass.
const (
	copyGain    = 32
	leastShared = 16
)

// rewind cuts a lane's cache back to the beginning that it shares with its target,
// or copies a longer one from another lane, and returns its length. The last token
// is always computed.
func (r *round) rewind(ctx context.Context, l *lane) (int, error) {
	if a := l.text.opts.Adapter; a != l.adapter {
		l.adapter, l.cached = a, l.cached[:0]
	}
	most := len(l.target) - 1
	same := shared(l.cached, l.target, most)
	from, longest := -1, same
	for i := range r.lanes {
		other := &r.lanes[i]
		if n := shared(other.cached, l.target, most); other.adapter == l.adapter && n > longest {
			from, longest = i, n
		}
	}
	if longest-same > longest/copyGain {
		l.cached = l.cached[:0] // unknown, should the copy fail
		if err := r.dec.Copy(ctx, l.cache, from, longest); err != nil {
			r.dec.Truncate(l.cache, 0)
			return 0, fmt.Errorf("generate: copying a cache of %d tokens: %w", longest, err)
		}
		l.cached = append(l.cached, l.target[:longest]...)
		return longest, nil
	}
	r.dec.Truncate(l.cache, same)
	l.cached = l.cached[:same]
	return same, nil
}

// waits reports whether another lane of this pass computes so much of what the lane
// misses that it had better copy that in the next one.
func (r *round) waits(l *lane, same int) bool {
	for _, other := range r.passed {
		if other.adapter != l.adapter {
			continue
		}
		if n := shared(other.target, l.target, len(l.target)-1); n-same >= leastShared {
			return true
		}
	}
	return false
}

func tooLong(tokens, capacity int) error {
	return fmt.Errorf("%w: %d tokens, the cache holds %d", ErrContext, tokens, capacity)
}
