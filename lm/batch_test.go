package lm_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/grokputer/grokputer/lm"
	"github.com/grokputer/grokputer/lm/chat"
	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/generate"
	"github.com/grokputer/grokputer/lm/golden"
	"github.com/grokputer/grokputer/lm/lmtest"
	"github.com/grokputer/grokputer/lm/lora"
)

// noisy returns an adapter that changes what is said.
func noisy(t *testing.T, e *lm.Engine, seed uint64, scale float64) *lora.Adapter {
	t.Helper()
	a := newAdapter(t, e, seed)
	r := rand.New(rand.NewPCG(seed, 1))
	for p := range a.Params() {
		if p.Matrix == lora.MatrixB {
			for i := range p.Data {
				p.Data[i] = float32(r.NormFloat64() * scale)
			}
		}
	}
	return a
}

// together checks that a batch says what the requests say one by one, and returns that.
func together(t *testing.T, e *lm.Engine, requests []lm.Request) []generate.Result {
	t.Helper()
	got, err := e.GenerateBatch(t.Context(), requests)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range requests {
		want, err := e.Generate(t.Context(), r.Messages, r.Options)
		if err != nil {
			t.Fatal(err)
		}
		if got[i].Text != want.Text || got[i].Finish != want.Finish {
			t.Errorf("request %d: together %q (%v), alone %q (%v)", i, got[i].Text, got[i].Finish, want.Text, want.Finish)
		}
		if d := got[i].Confidence - want.Confidence; d > 1e-3 || d < -1e-3 {
			t.Errorf("request %d: confidence %g together, %g alone", i, got[i].Confidence, want.Confidence)
		}
	}
	return got
}

// A batch of requests with all kinds of adapters, grammars and settings is said as
// each is alone.
func TestGenerateBatch(t *testing.T) {
	t.Parallel()
	path := tiny(t, 48)
	for _, sequences := range []int{1, 3, 0} {
		e := open(t, path, lm.Options{Precision: compute.Float32, Sequences: sequences, Threads: 1})
		for i := range uint64(2) {
			if err := e.AddAdapter(fmt.Sprint("a", i), noisy(t, e, i+1, 0.3)); err != nil {
				t.Fatal(err)
			}
		}
		var requests []lm.Request
		for i := range 12 {
			opts := lm.GenerateOptions{Adapter: []string{lm.NoAdapter, "a0", "a1"}[i%3], MaxTokens: 5 + i}
			if i%2 == 0 {
				opts.Grammar = actions(t)
			}
			if i%4 > 1 {
				opts.Sampling = generate.Sampling{Temperature: 1, TopP: 0.9, Seed: uint64(i)}
			}
			requests = append(requests, lm.Request{Messages: user(strings.Repeat("the same for all ", i%3) + fmt.Sprint(i)), Options: opts})
		}
		said := map[string]bool{}
		for _, res := range together(t, e, requests) {
			said[res.Text] = true
		}
		if len(said) < 6 {
			t.Errorf("only %d different texts", len(said))
		}
	}
}

func TestGenerateBatchErrors(t *testing.T) {
	t.Parallel()
	e := open(t, tiny(t, 48), lm.Options{Context: 60})
	good := lm.Request{Messages: user("x"), Options: lm.GenerateOptions{MaxTokens: 3}}
	for name, c := range map[string]struct {
		bad  lm.Request
		want error
	}{
		"adapter": {lm.Request{Messages: user("x"), Options: lm.GenerateOptions{Adapter: "b"}}, lm.ErrAdapter},
		"message": {lm.Request{Messages: []chat.Message{{Role: "a b"}}}, chat.ErrMessage},
	} {
		if res, err := e.GenerateBatch(t.Context(), []lm.Request{good, c.bad}); !errors.Is(err, c.want) || !strings.Contains(err.Error(), "request 1") || res != nil {
			t.Errorf("%s: %v, %v", name, res, err)
		}
	}
	long := lm.Request{Messages: user(strings.Repeat("x", 100))}
	cold := lm.Request{Messages: user("x"), Options: lm.GenerateOptions{Sampling: generate.Sampling{Temperature: -1}}}
	res, err := e.GenerateBatch(t.Context(), []lm.Request{long, good, cold})
	if !errors.Is(err, generate.ErrContext) || !errors.Is(err, generate.ErrOption) || res[0].Finish != 0 || res[1].Finish == 0 || res[2].Finish != 0 {
		t.Errorf("%+v, %v", res, err)
	}
	if res, err := e.GenerateBatch(t.Context(), nil); err != nil || len(res) != 0 {
		t.Errorf("no requests: %v, %v", res, err)
	}
	if _, err := lm.Open(t.Context(), tiny(t, 48), lm.Options{Sequences: -1}); err == nil {
		t.Error("negative sequences: no error")
	}
}

// Batches, single completions and training go on side by side.
func TestBatchBesideOthers(t *testing.T) {
	t.Parallel()
	e := open(t, tiny(t, 48), lm.Options{Precision: compute.Float32, Sequences: 3, Threads: 1})
	opts := lm.GenerateOptions{MaxTokens: 8}
	want, err := e.Generate(t.Context(), user("a"), opts)
	if err != nil {
		t.Fatal(err)
	}
	requests := make([]lm.Request, 5)
	for i := range requests {
		requests[i] = lm.Request{Messages: user("a"), Options: opts}
	}
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for range 5 {
				results, err := e.GenerateBatch(t.Context(), requests)
				if err != nil {
					t.Error(err)
				}
				for _, res := range results {
					if res.Text != want.Text {
						t.Errorf("in a batch %q, want %q", res.Text, want.Text)
					}
				}
			}
		})
		wg.Go(func() {
			for range 10 {
				if res, err := e.Generate(t.Context(), user("a"), opts); err != nil || res.Text != want.Text {
					t.Errorf("%q, %v, want %q", res.Text, err, want.Text)
				}
			}
		})
	}
	wg.Wait()
}

// At whichever layer of whichever token a context ends, the completion ends there,
// and what is said next is as if nothing had been.
func TestCancelAtAnyLayer(t *testing.T) {
	t.Parallel()
	e := open(t, tiny(t, 48), lm.Options{Precision: compute.Float32, Sequences: 2, Threads: 1})
	long, short := user(strings.Repeat("read this ", 20)), user("now")
	opts := lm.GenerateOptions{MaxTokens: 4}
	batch := []lm.Request{{Messages: long, Options: opts}, {Messages: short, Options: opts}, {Messages: long, Options: opts}}
	want, err := e.Generate(t.Context(), short, opts)
	if err != nil {
		t.Fatal(err)
	}
	for name, run := range map[string]func(ctx context.Context) error{
		"alone": func(ctx context.Context) error {
			_, err := e.Generate(ctx, long, opts)
			return err
		},
		"batch": func(ctx context.Context) error {
			_, err := e.GenerateBatch(ctx, batch)
			return err
		},
	} {
		asked := 0
		for ; ; asked++ {
			ctx := lmtest.NewCountdown(t.Context(), asked)
			err := run(ctx)
			if err == nil {
				break
			}
			if !errors.Is(err, context.Canceled) {
				t.Fatalf("%s, cancelled when asked %d times: %v", name, asked, err)
			}
			if res, err := e.Generate(t.Context(), short, opts); err != nil || res.Text != want.Text {
				t.Fatalf("%s, after a cancel when asked %d times: %q, %v, want %q", name, asked, res.Text, err, want.Text)
			}
		}
		if asked < 2*4 { // two layers, four tokens
			t.Errorf("%s: the context was asked %d times", name, asked)
		}
	}
}

// The base model says together what it says alone, with and without adapters.
func TestBaseModelBatch(t *testing.T) {
	e := open(t, golden.ModelPath(t), lm.Options{Precision: compute.Float32, Context: 512, Threads: 1})
	for i := range uint64(2) {
		if err := e.AddAdapter(fmt.Sprint("a", i), noisy(t, e, i+1, 0.01)); err != nil {
			t.Fatal(err)
		}
	}
	r := rand.New(rand.NewPCG(4, 4))
	requests := make([]lm.Request, 6)
	for i := range requests {
		x := madeUp(t, r)
		requests[i] = lm.Request{Messages: x.messages, Options: lm.GenerateOptions{Adapter: []string{lm.NoAdapter, "a0", "a1"}[i%3], MaxTokens: 10}}
		if i%2 == 0 {
			requests[i].Options.Grammar = x.grammar
		}
	}
	results := together(t, e, requests)
	reused := 0
	for _, res := range results {
		reused += res.Stats.Reused
	}
	if reused == 0 {
		t.Error("no beginning was shared")
	}
}
