package generate_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/grokputer/grokputer/lm/generate"
	"github.com/grokputer/grokputer/lm/lora"
)

// growing is words that tells what later text cannot change: a token whose end is
// as far from the text's as the longest token is long, or farther.
type growing struct {
	*words
	longest int
	encoded int // bytes that were tokenised
}

func newGrowing(w *words) *growing {
	g := &growing{words: w}
	for _, t := range w.texts {
		g.longest = max(g.longest, len(t))
	}
	return g
}

func (g *growing) next(text []byte) int32 {
	best := int32(text[0])
	for id, t := range g.texts[256:] {
		if len(t) > len(g.texts[best]) && bytes.HasPrefix(text, t) {
			best = int32(256 + id)
		}
	}
	return best
}

func (g *growing) Settled(text []byte) int {
	at := 0
	for at+g.longest <= len(text) {
		at += len(g.texts[g.next(text[at:])])
	}
	return at
}

func (g *growing) AppendContinuation(ids []int32, text []byte) []int32 {
	g.encoded += len(text)
	for len(text) > 0 {
		id := g.next(text)
		ids = append(ids, id)
		text = text[len(g.texts[id]):]
	}
	return ids
}

func sessionOf(t testing.TB, tok generate.Tokenizer, dec generate.Decoder) *generate.Session {
	t.Helper()
	v, err := generate.NewVocabulary(tok)
	if err != nil {
		t.Fatal(err)
	}
	s, err := generate.NewSession(dec, v)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// With a tokenizer that tells what is settled, the same is said in the same passes
// as with one that has to read all of the text each time, and far less is read.
func TestIncrementalTokenising(t *testing.T) {
	t.Parallel()
	w := newWords(vocabulary...)
	g := newGrowing(w)
	screen := screen(t)
	tokens, text := 0, 0
	for seed := range int32(80) {
		opts := generate.Options{MaxTokens: 120}
		if seed%2 == 0 {
			opts.Grammar = screen
		}
		prompt := append(w.Encode("p"), seed)
		logits := func(tokens []int32, dst []float32) {
			noise(tokens, dst)
			for _, id := range w.Encode("hello go abc é\U0001F600...") { // so that tokens join
				dst[id] += 5
			}
		}
		whole, grown := &decoder{logits: logits, capacity: 1 << 12}, &decoder{logits: logits, capacity: 1 << 12}
		want, err := sessionOf(t, w, whole).Generate(t.Context(), prompt, opts)
		if err != nil {
			t.Fatal(err)
		}
		got, err := sessionOf(t, g, grown).Generate(t.Context(), prompt, opts)
		if err != nil {
			t.Fatal(err)
		}
		if got.Text != want.Text || !slices.Equal(got.Tokens, want.Tokens) || !slices.Equal(grown.passes, whole.passes) {
			t.Fatalf("seed %d: said %q in %v, want %q in %v", seed, got.Text, got.Tokens, want.Text, want.Tokens)
		}
		if !slices.Equal(got.Tokens, w.Encode(got.Text)) {
			t.Fatalf("seed %d: %q is said in %v, want %v", seed, got.Text, got.Tokens, w.Encode(got.Text))
		}
		tokens, text = tokens+len(got.Tokens), text+len(got.Text)
	}
	if perToken := g.encoded / tokens; tokens < 2000 || perToken > 4*g.longest {
		t.Errorf("%d bytes were tokenised for each of %d tokens", perToken, tokens)
	}
}

// quiet is a decoder that allocates nothing, whose logits are cheap noise. It never
// ends a turn.
type quiet struct {
	length, capacity int
	end              int32
}

func (q *quiet) Capacity() int  { return q.capacity }
func (q *quiet) Truncate(n int) { q.length = n }

func (q *quiet) Forward(_ context.Context, _ *lora.Adapter, tokens []int32, dst []float32) error {
	q.length += len(tokens)
	x := uint32(q.length)*2654435761 + uint32(tokens[len(tokens)-1])
	for i := range dst {
		x = x*1664525 + 1013904223
		dst[i] = float32(x>>20) / 512
	}
	return nil
}

func (q *quiet) ForwardFor(ctx context.Context, a *lora.Adapter, tokens, candidates []int32, dst []float32) error {
	err := q.Forward(ctx, a, tokens, dst)
	for i, id := range candidates {
		if id == q.end {
			dst[i] = -1000
		}
	}
	return err
}

func (*quiet) Score(context.Context, *lora.Adapter, []int32, [][]int32, [][]float64) error {
	return errors.ErrUnsupported
}

// A token takes no new memory: a completion of many allocates hardly more often than
// one of few, whose buffers grow fewer times.
func TestTokensAllocateNothing(t *testing.T) { // not parallel: it counts allocations
	w := newWords(vocabulary...)
	s := sessionOf(t, newGrowing(w), &quiet{capacity: 1 << 14, end: w.end()})
	prompt := w.Encode("p")
	for name, opts := range map[string]generate.Options{
		"greedy":       {},
		"sampled":      {Sampling: generate.Sampling{Temperature: 1, TopK: 40, TopP: 0.95, MinP: 0.01}},
		"alternatives": {Alternatives: 3},
	} {
		count := func(n int) float64 {
			opts.MaxTokens = n
			return testing.AllocsPerRun(5, func() {
				res, err := s.Generate(t.Context(), prompt, opts)
				if err != nil {
					t.Error(err)
				}
				if res.Finish != generate.Length || len(res.Tokens) < n {
					t.Errorf("%d tokens (%v), want %d", len(res.Tokens), res.Finish, n)
				}
			})
		}
		few, many := count(250), count(1000)
		t.Logf("%s: %g allocations for 250 tokens, %g for 1,000", name, few, many)
		if many-few > 40 {
			t.Errorf("%s: %g allocations for 250 tokens, %g for 1,000", name, few, many)
		}
	}
}

// blocked is a decoder that computes until its context ends.
type blocked struct {
	*decoder
	started chan int
	block   bool
}

func (b *blocked) Forward(ctx context.Context, a *lora.Adapter, tokens []int32, dst []float32) error {
	if b.block {
		b.started <- len(tokens)
		<-ctx.Done()
		return ctx.Err()
	}
	return b.decoder.Forward(ctx, a, tokens, dst)
}

// A context that ends within a pass ends the completion there, and the session goes
// on as before.
func TestCancelWithinPass(t *testing.T) {
	t.Parallel()
	w := newWords(vocabulary...)
	prompt := w.Encode("prompt")
	b := &blocked{decoder: &decoder{logits: wants(w, prompt, "go left"), capacity: 100}, started: make(chan int)}
	s := sessionOf(t, w, b)
	say := func(reused int) {
		t.Helper()
		res, err := s.Generate(t.Context(), prompt, generate.Options{})
		if err != nil || res.Text != "go left" || res.Stats.Reused != reused {
			t.Errorf("said %q with %d tokens reused, %v; want %d", res.Text, res.Stats.Reused, err, reused)
		}
	}
	say(0)
	b.block = true
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() {
		_, err := s.Generate(ctx, w.Encode("prompt and more"), generate.Options{})
		done <- err
	}()
	if n := <-b.started; n != len(w.Encode(" and more")) {
		t.Errorf("%d tokens were being computed", n)
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want Canceled", err)
	}
	b.block = false
	say(len(prompt) - 1)
}

// picky computes the logits of the candidates alone where that is asked for.
type picky struct {
	*decoder
	t     *testing.T
	few   int // passes
	whole int
}

func (p *picky) Forward(ctx context.Context, a *lora.Adapter, tokens []int32, dst []float32) error {
	p.whole++
	return p.decoder.Forward(ctx, a, tokens, dst)
}

func (p *picky) ForwardFor(ctx context.Context, a *lora.Adapter, tokens, candidates []int32, dst []float32) error {
	p.few++
	seen := map[int32]bool{}
	for _, id := range candidates {
		seen[id] = true
	}
	if len(seen) != len(dst) || len(candidates) != len(dst) || len(dst) >= 1024 || len(dst) < 1 {
		p.t.Errorf("%d candidates, %d different ones, room for %d", len(candidates), len(seen), len(dst))
	}
	logits := make([]float32, p.size)
	if err := p.decoder.Forward(ctx, a, tokens, logits); err != nil {
		return err
	}
	for i, id := range candidates {
		dst[i] = logits[id]
	}
	return nil
}

// A decoder that can leave out logits is asked for the candidates' where they are
// few, and says the same.
func TestSelectiveDecoder(t *testing.T) {
	t.Parallel()
	list := slices.Clone(vocabulary)
	for i := range 2500 {
		list = append(list, "word"+string(rune('\u4e00'+i)))
	}
	w := newWords(list...)
	g := newGrowing(w)
	screen := screen(t)
	few, whole := 0, 0
	for seed := range int32(20) {
		prompt := []int32{'p', seed}
		logits := func(tokens []int32, dst []float32) {
			noise(tokens, dst)
			dst['"'] += 8
		}
		opts := generate.Options{Grammar: screen, MaxTokens: 100, Stop: []int32{w.end() + 1, 'x'}, Sampling: generate.Sampling{Temperature: float64(seed % 2)}}
		want, err := sessionOf(t, g, &decoder{logits: logits, capacity: 1000}).Generate(t.Context(), prompt, opts)
		if err != nil {
			t.Fatal(err)
		}
		p := &picky{decoder: &decoder{logits: logits, capacity: 1000, size: w.Size()}, t: t}
		got, err := sessionOf(t, g, p).Generate(t.Context(), prompt, opts)
		if err != nil {
			t.Fatal(err)
		}
		if got.Text != want.Text || got.Confidence != want.Confidence || got.Finish != want.Finish {
			t.Errorf("seed %d: said %q (%g), want %q (%g)", seed, got.Text, got.Confidence, want.Text, want.Confidence)
		}
		few, whole = few+p.few, whole+p.whole
	}
	if few < 20 || whole < 10 {
		t.Errorf("%d passes for few candidates, %d for all", few, whole)
	}
}
