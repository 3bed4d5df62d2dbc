package lm

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/grokputer/grokputer/lm/chat"
	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/generate"
	"github.com/grokputer/grokputer/lm/generate/grammar"
	"github.com/grokputer/grokputer/lm/golden"
	"github.com/grokputer/grokputer/lm/lmtest"
	"github.com/grokputer/grokputer/lm/model"
)

// wholeHead is a decoder that always computes all logits.
type wholeHead struct{ generate.Decoder }

// wholeHeads is one for several sequences.
type wholeHeads struct{ *batchDecoder }

func (d wholeHeads) Forward(ctx context.Context, parts []generate.Part, dst [][]float32) error {
	all, logits := slices.Clone(parts), make([][]float32, len(parts))
	for i := range all {
		all[i].Candidates = nil
		logits[i] = make([]float32, d.model.Config().Vocab)
	}
	err := d.batchDecoder.Forward(ctx, all, logits)
	for i, p := range parts {
		if p.Candidates == nil {
			copy(dst[i], logits[i])
		}
		for j, id := range p.Candidates {
			dst[i][j] = logits[i][id]
		}
	}
	return err
}

// The rows of the head that a grammar leaves say what the whole head does.
func TestFewRowsOfTheHead(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		path      func(testing.TB) string
		precision compute.Precision
		tolerance float64 // of the confidence
	}{
		{"base", golden.ModelPath, compute.Fast, 0},
		{"base, float32", golden.ModelPath, compute.Float32, 0},
		{"tiny", func(tb testing.TB) string { return lmtest.TinyModel(tb, 48) }, compute.Fast, 1e-6},
		{"tiny, float32", func(tb testing.TB) string { return lmtest.TinyModel(tb, 48) }, compute.Float32, 1e-6},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			e, err := Open(t.Context(), c.path(t), Options{Precision: c.precision})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := e.Close(); err != nil {
					t.Error(err)
				}
			})
			requests := screens(t, e)
			whole, err := generate.NewSession(wholeHead{newDecoder(e.model, e.model.NewCache(e.context))}, e.vocab)
			if err != nil {
				t.Fatal(err)
			}
			for i, r := range requests {
				want, err := whole.Generate(t.Context(), r.Prompt, r.Options)
				if err != nil {
					t.Fatal(err)
				}
				got, err := e.session.Generate(t.Context(), r.Prompt, r.Options)
				if err != nil {
					t.Fatal(err)
				}
				alike(t, fmt.Sprint("request ", i), got, want, c.tolerance)
			}
			var results [2][]generate.Result
			for i := range results {
				d := &batchDecoder{model: e.model, caches: []*model.Cache{e.model.NewCache(256), e.model.NewCache(256), e.model.NewCache(256)}}
				defer d.close()
				var dec generate.BatchDecoder = d
				if i == 1 {
					dec = wholeHeads{d}
				}
				batch, err := generate.NewBatch(dec, e.vocab)
				if err != nil {
					t.Fatal(err)
				}
				if results[i], err = batch.Generate(t.Context(), requests); err != nil {
					t.Fatal(err)
				}
			}
			for i := range requests {
				alike(t, fmt.Sprint("request ", i, ", together"), results[0][i], results[1][i], c.tolerance)
			}
		})
	}
}

func alike(t *testing.T, what string, got, want generate.Result, tolerance float64) {
	t.Helper()
	if got.Text != want.Text || got.Finish != want.Finish || !(math.Abs(got.Confidence-want.Confidence) <= tolerance) {
		t.Errorf("%s: %q (%g, %v), with the whole head %q (%g, %v)", what, got.Text, got.Confidence, got.Finish, want.Text, want.Confidence, want.Finish)
	}
}

// screens are requests with few and with many candidates.
func screens(t *testing.T, e *Engine) []generate.Request {
	t.Helper()
	var requests []generate.Request
	for i, exprs := range [][]grammar.Expr{
		{grammar.Words(`click button "Log in"`, `click button "Cancel"`, "done"), grammar.Words("wait 1", "wait 10")},
		{grammar.Sequence(grammar.Literal("type "), grammar.Quoted(20)), grammar.Words(`click "Name"`)},
		{grammar.Sequence(grammar.Words("scroll ", "wait "), grammar.Words("1", "2", "3", "12"), grammar.Words("", " times"))},
	} {
		g, err := grammar.Compile(grammar.Choice(exprs...))
		if err != nil {
			t.Fatal(err)
		}
		for seed := range uint64(3) {
			prompt, err := e.prompt([]chat.Message{{Role: "user", Content: fmt.Sprint("Task ", i, ": log in")}})
			if err != nil {
				t.Fatal(err)
			}
			requests = append(requests, generate.Request{Prompt: prompt, Options: generate.Options{
				Grammar: g, MaxTokens: 24, Alternatives: 2, Sampling: generate.Sampling{Temperature: float64(seed), Seed: seed},
			}})
		}
	}
	return requests
}
