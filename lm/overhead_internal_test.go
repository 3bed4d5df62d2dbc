package lm

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/lm/chat"
	"github.com/grokputer/grokputer/lm/generate"
	"github.com/grokputer/grokputer/lm/generate/grammar"
	"github.com/grokputer/grokputer/lm/golden"
	"github.com/grokputer/grokputer/lm/lora"
)

// idle is a decoder that computes nothing: the tokens with even ids are the most probable.
type idle struct{}

func (idle) Capacity() int { return 1 << 12 }
func (idle) Truncate(int)  {}

func (idle) Forward(_ context.Context, _ *lora.Adapter, _ []int32, dst []float32) error {
	for i := range dst {
		dst[i] = -float32(i % 2)
	}
	return nil
}

func (idle) ForwardFor(_ context.Context, _ *lora.Adapter, _, candidates []int32, dst []float32) error {
	for i, id := range candidates {
		dst[i] = -float32(id % 2)
	}
	return nil
}

func (idle) Score(context.Context, *lora.Adapter, []int32, [][]int32, [][]float64) error { return nil }

// What an agent's step costs beside the model: a grammar, a prompt of about 400 tokens, and one action.
func BenchmarkOverhead(b *testing.B) {
	e, err := Open(b.Context(), golden.ModelPath(b), Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer func() {
		if err := e.Close(); err != nil {
			b.Error(err)
		}
	}()
	session, err := generate.NewSession(idle{}, e.vocab)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		var screen []string
		for i := range 50 {
			screen = append(screen, fmt.Sprintf(`button "Account %d settings"`, i*i+n%7))
		}
		g, err := grammar.Compile(grammar.Choice(
			grammar.Sequence(grammar.Words("click ", "doubleclick ", "hover "), grammar.Words(screen...)),
			grammar.Sequence(grammar.Literal("type "), grammar.Quoted(grammar.Unlimited)),
			grammar.Sequence(grammar.Words("scroll ", "wait "), grammar.Words("1", "2", "3", "5", "10")),
		))
		if err != nil {
			b.Fatal(err)
		}
		prompt, err := e.prompt([]chat.Message{
			{Role: "system", Content: "You work a desktop. Say the next action."},
			{Role: "user", Content: "Task: press it\nScreen:\n" + strings.Join(screen, "\n")},
		})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := session.Generate(b.Context(), prompt, generate.Options{Grammar: g, MaxTokens: 40}); err != nil {
			b.Fatal(err)
		}
	}
}
