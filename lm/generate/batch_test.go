package generate_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/lm/generate"
	"github.com/grokputer/grokputer/lm/generate/grammar"
	"github.com/grokputer/grokputer/lm/lora"
)

// shelf is a batch decoder whose logits are noise of a cache's tokens and of the
// adapter that these were computed with.
type shelf struct {
	t        *testing.T
	caches   [][]int32
	adapters []*lora.Adapter // of the caches
	capacity int
	size     int // of the vocabulary

	passes   []int // sequences in each
	computed int   // tokens
	copied   []int // tokens of each copy
	logits   func(a *lora.Adapter, tokens []int32, dst []float32)
	fail     func(pass int) error
}

// marked is noise that an adapter changes. Texts are made to end.
func marked(a *lora.Adapter, tokens []int32, dst []float32) {
	if a != nil {
		tokens = append(slices.Clone(tokens), int32(a.Config.Rank))
	}
	noise(tokens, dst)
	dst['"'] += 9
}

func newShelf(t *testing.T, caches int) *shelf {
	t.Helper()
	return &shelf{t: t, caches: make([][]int32, caches), adapters: make([]*lora.Adapter, caches), capacity: 1 << 12, logits: marked}
}

func (s *shelf) Caches() int           { return len(s.caches) }
func (s *shelf) Capacity() int         { return s.capacity }
func (s *shelf) Truncate(cache, n int) { s.caches[cache] = s.caches[cache][:n] }

func (s *shelf) Copy(ctx context.Context, dst, src, n int) error {
	if dst == src || n > len(s.caches[src]) {
		s.t.Errorf("%d tokens of cache %d, which has %d, are copied to cache %d", n, src, len(s.caches[src]), dst)
	}
	s.caches[dst] = append(s.caches[dst][:0], s.caches[src][:n]...)
	s.adapters[dst] = s.adapters[src]
	s.copied = append(s.copied, n)
	return ctx.Err()
}

func (s *shelf) Forward(_ context.Context, parts []generate.Part, dst [][]float32) error {
	if s.fail != nil {
		if err := s.fail(len(s.passes)); err != nil {
			return err
		}
	}
	for i, p := range parts {
		if len(s.caches[p.Cache]) > 0 && s.adapters[p.Cache] != p.Adapter {
			s.t.Errorf("cache %d goes on with another adapter", p.Cache)
		}
		s.adapters[p.Cache] = p.Adapter
		s.caches[p.Cache] = append(s.caches[p.Cache], p.Tokens...)
		s.computed += len(p.Tokens)
		logits := make([]float32, s.size)
		s.logits(p.Adapter, s.caches[p.Cache], logits)
		if p.Candidates != nil {
			for j, id := range p.Candidates {
				dst[i][j] = logits[id]
			}
			continue
		}
		copy(dst[i], logits)
	}
	s.passes = append(s.passes, len(parts))
	return nil
}

func batch(t *testing.T, w *words, s *shelf) *generate.Batch {
	t.Helper()
	v, err := generate.NewVocabulary(w)
	if err != nil {
		t.Fatal(err)
	}
	s.size = w.Size()
	b, err := generate.NewBatch(s, v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// alone generates a request in a session of its own.
func alone(t *testing.T, w *words, r generate.Request) generate.Result {
	t.Helper()
	d := &decoder{logits: func(tokens []int32, dst []float32) { marked(r.Options.Adapter, tokens, dst) }}
	res, err := session(t, w, d).Generate(t.Context(), r.Prompt, r.Options)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// mixed makes requests with prompts of all kinds, grammars, adapters and seeds.
func mixed(t *testing.T, w *words, n int) []generate.Request {
	t.Helper()
	g, free := screen(t), compile(t, grammar.Sequence(grammar.Literal("say "), grammar.Quoted(grammar.Unlimited)))
	adapters := []*lora.Adapter{nil, {Config: lora.Config{Rank: 1}}, {Config: lora.Config{Rank: 2}}}
	system := "system: the screen of the task is the same for all. "
	requests := make([]generate.Request, n)
	for i := range requests {
		prompt := fmt.Sprint(i, " hello")
		if i%3 > 0 {
			prompt = system + prompt
		}
		requests[i] = generate.Request{Prompt: w.Encode(prompt), Options: generate.Options{
			Grammar: []*grammar.Grammar{g, nil, free}[i%3], Adapter: adapters[i%5%3], MaxTokens: 20 + i,
		}}
		if i%2 == 0 {
			requests[i].Options.Sampling = generate.Sampling{Temperature: 3, TopK: 50, Seed: uint64(i)}
		}
	}
	return requests
}

// Together they say what they say alone, in any number of caches.
func TestBatchIsAsAlone(t *testing.T) {
	t.Parallel()
	w := newWords(vocabulary...)
	requests := mixed(t, w, 30)
	for _, caches := range []int{1, 2, 7, 40} {
		s := newShelf(t, caches)
		results, err := batch(t, w, s).Generate(t.Context(), requests)
		if err != nil {
			t.Fatal(err)
		}
		tokens := 0
		for i, res := range results {
			want := alone(t, w, requests[i])
			if res.Text != want.Text || res.Finish != want.Finish || res.Confidence != want.Confidence || !slices.Equal(res.Tokens, want.Tokens) {
				t.Errorf("%d caches, request %d: said %q (%v), alone %q (%v)", caches, i, res.Text, res.Finish, want.Text, want.Finish)
			}
			tokens += res.Stats.Forwards
		}
		sequences, full := 0, 0
		for _, n := range s.passes {
			sequences += n
			if n == caches {
				full++
			}
		}
		if sequences != tokens {
			t.Errorf("%d caches: %d sequences in all passes, the results count %d", caches, sequences, tokens)
		}
		if caches == 7 && full < len(s.passes)/2 {
			t.Errorf("%d of %d passes are full: ended completions do not make room", full, len(s.passes))
		}
	}
}

// A beginning that prompts share is computed once, whether they come together or
// one after the other, but not across adapters.
func TestBatchSharesBeginnings(t *testing.T) {
	t.Parallel()
	w := newWords(vocabulary...)
	common := strings.Repeat("xyz ", 100)
	g := compile(t, grammar.Words("a", "b"))
	adapter := &lora.Adapter{Config: lora.Config{Rank: 1}}
	request := func(prompt string, a *lora.Adapter) generate.Request {
		return generate.Request{Prompt: w.Encode(prompt), Options: generate.Options{Grammar: g, Adapter: a}}
	}
	s := newShelf(t, 4)
	b := batch(t, w, s)
	for _, c := range []struct {
		requests         []generate.Request
		computed, passes int
		copied           []int
	}{
		// One computes 400 tokens and its own end, the others, a pass later, their ends.
		{[]generate.Request{request(common+"1", nil), request(common+"2", nil), request(common+"3", nil)}, 401 + 1 + 1, 2, []int{400, 400}},
		// All is there, but for the last tokens.
		{[]generate.Request{request(common+"3", nil), request(common+"4", nil)}, 1 + 1, 1, nil},
		// Another adapter has other keys and values.
		{[]generate.Request{request(common+"5", adapter), request(common+"6", adapter)}, 401 + 1, 2, []int{400}},
		// Too little in common to wait for it.
		{[]generate.Request{request("hello 1", nil), request("hello 2", nil)}, 6, 1, nil},
	} {
		s.computed, s.passes, s.copied = 0, nil, nil
		results, err := b.Generate(t.Context(), c.requests)
		if err != nil {
			t.Fatal(err)
		}
		if s.computed != c.computed || len(s.passes) != c.passes || !slices.Equal(s.copied, c.copied) {
			t.Errorf("%q...: computed %d tokens in %d passes, copied %v; want %d in %d, %v",
				w.text(c.requests[0].Prompt)[:5], s.computed, len(s.passes), s.copied, c.computed, c.passes, c.copied)
		}
		for i, res := range results {
			if want := alone(t, w, c.requests[i]); res.Text != want.Text || res.Stats.Reused+res.Stats.Prefilled != len(c.requests[i].Prompt) {
				t.Errorf("said %q, alone %q; stats %+v", res.Text, want.Text, res.Stats)
			}
		}
	}
}

// What is wrong with one request fails that one alone.
func TestBatchErrors(t *testing.T) {
	t.Parallel()
	w := newWords(vocabulary...)
	requests := mixed(t, w, 9)
	requests[1].Prompt = nil
	requests[2].Options.MaxTokens = -1
	requests[4].Prompt = make([]int32, 200)
	bad := &lora.Adapter{Config: lora.Config{Rank: 99}}
	requests[7].Options.Adapter = bad
	want := map[int]error{1: generate.ErrPrompt, 2: generate.ErrOption, 4: generate.ErrContext, 7: generate.ErrLogits}
	s := newShelf(t, 3)
	s.capacity = 150
	s.logits = func(a *lora.Adapter, tokens []int32, dst []float32) {
		marked(a, tokens, dst)
		if a == bad && len(tokens) > 20 {
			for i := range dst {
				dst[i] = float32(math.NaN())
			}
		}
	}
	b := batch(t, w, s)
	results, err := b.Generate(t.Context(), requests)
	for i, res := range results {
		if e := want[i]; e != nil {
			if !errors.Is(err, e) || !strings.Contains(err.Error(), fmt.Sprintf("request %d: %v", i, e)) || res.Finish != 0 {
				t.Errorf("request %d: %v, with result %+v; want %v", i, err, res, e)
			}
		} else if a := alone(t, w, requests[i]); res.Text != a.Text {
			t.Errorf("request %d: said %q, alone %q", i, res.Text, a.Text)
		}
	}

	// A pass that fails, or the end of the context, ends all that are under way, and
	// the batch stays usable.
	broken := errors.New("broken")
	good := mixed(t, w, 9)
	s.fail = func(pass int) error {
		if pass == 4 {
			return broken
		}
		return nil
	}
	s.passes = nil
	if _, err = b.Generate(t.Context(), good); !errors.Is(err, broken) {
		t.Errorf("got %v, want the pass's error", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	s.fail = func(pass int) error {
		if pass == 6 {
			cancel()
		}
		return nil
	}
	if _, err = b.Generate(ctx, good); !errors.Is(err, context.Canceled) || len(s.passes) != 7 {
		t.Errorf("got %v after %d passes, want Canceled after 7", err, len(s.passes))
	}
	s.fail = nil
	if results, err = b.Generate(t.Context(), good); err != nil {
		t.Fatal(err)
	}
	for i, res := range results {
		if a := alone(t, w, good[i]); res.Text != a.Text {
			t.Errorf("after errors, request %d: said %q, alone %q", i, res.Text, a.Text)
		}
	}
	if results, err = b.Generate(t.Context(), nil); err != nil || len(results) != 0 {
		t.Errorf("no requests: %v, %v", results, err)
	}
	v, err := generate.NewVocabulary(w)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := generate.NewBatch(newShelf(t, 0), v); !errors.Is(err, generate.ErrOption) {
		t.Errorf("no caches: got %v", err)
	}
}
