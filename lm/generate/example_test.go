package generate_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/grokputer/grokputer/lm/generate"
	"github.com/grokputer/grokputer/lm/generate/grammar"
)

// prefers is a model that likes some words, and no others.
func prefers(w *words, liking map[string]float32) *decoder {
	return &decoder{size: w.Size(), capacity: 64, logits: func(_ []int32, dst []float32) {
		for id, t := range w.texts {
			dst[id] = -9
			if like, ok := liking[strings.TrimSpace(string(t))]; ok {
				dst[id] = like
			}
		}
	}}
}

// Texts drawn at random, inside of a grammar: a seed repeats what it drew.
func ExampleSession_Generate() {
	tokens := newWords("go", " left", " right", " up")
	vocabulary, err := generate.NewVocabulary(tokens)
	if err != nil {
		panic(err)
	}
	session, err := generate.NewSession(prefers(tokens, map[string]float32{"left": 2, "right": 1.5, "up": -1}), vocabulary)
	if err != nil {
		panic(err)
	}
	moves, err := grammar.Parse(`root ::= "go" (" left" | " right" | " up"){3}`)
	if err != nil {
		panic(err)
	}
	for _, sampling := range []generate.Sampling{
		{}, // greedy
		{Temperature: 1, TopP: 0.95, Seed: 1},
		{Temperature: 1, TopP: 0.95, Seed: 1},
		{Temperature: 1, TopP: 0.95, Seed: 4},
	} {
		opts := generate.Options{Grammar: moves, Sampling: sampling}
		res, err := session.Generate(context.Background(), tokens.Encode("How? "), opts)
		if err != nil {
			panic(err)
		}
		fmt.Printf("%s (%.2f)\n", res.Text, res.Confidence)
	}
	// Output:
	// go left left left (0.22)
	// go left left right (0.13)
	// go left left right (0.13)
	// go right left right (0.08)
}
