package lm_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/lm"
	"github.com/grokputer/grokputer/lm/chat"
	"github.com/grokputer/grokputer/lm/generate/grammar"
	"github.com/grokputer/grokputer/lm/golden"
	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/lm/safetensors"
	"github.com/grokputer/grokputer/lm/train"
)

// task is a made-up screen with the one action that its task asks for.
type task struct {
	messages []chat.Message
	action   string
	grammar  *grammar.Grammar
}

func madeUp(t *testing.T, r *rand.Rand) task {
	t.Helper()
	words := []string{"Amber", "Birch", "Cedar", "Delta", "Ember", "Fjord", "Grove", "Haven", "Inlet", "Jetty", "Knoll", "Larch"}
	r.Shuffle(len(words), func(i, j int) { words[i], words[j] = words[j], words[i] })
	var screen []string
	for _, w := range words[:4+r.IntN(4)] {
		screen = append(screen, []string{"button ", "link "}[r.IntN(2)]+grammar.Quote(w))
	}
	var goal, action string
	if r.IntN(3) == 0 {
		goal, action = "type the word "+words[0], "type "+grammar.Quote(words[0])
	} else {
		target := screen[r.IntN(len(screen))]
		_, name, _ := strings.Cut(target, " ")
		goal, action = "press "+name, "click "+target
	}
	g, err := grammar.Compile(grammar.Choice(
		grammar.Sequence(grammar.Words("click ", "doubleclick ", "hover "), grammar.Words(screen...)),
		grammar.Sequence(grammar.Literal("type "), grammar.Quoted(grammar.Unlimited)),
		grammar.Words("done", "wait"),
	))
	if err != nil {
		t.Fatal(err)
	}
	return task{user(fmt.Sprintf("Task: %s\nScreen:\n%s\nDone so far: nothing", goal, strings.Join(screen, "\n"))), action, g}
}

// The base model learns the action language from a few examples with our own
// trainer, and the saved adapter, attached, does held-out tasks.
func TestBaseModelLearns(t *testing.T) {
	e := open(t, golden.ModelPath(t), lm.Options{})
	r := rand.New(rand.NewPCG(1, 1))
	var data train.Dataset
	for range 96 {
		x := madeUp(t, r)
		example, err := e.Example(x.messages, x.action)
		if err != nil {
			t.Fatal(err)
		}
		data.Train = append(data.Train, example)
	}
	var held []task
	for range 8 {
		x := madeUp(t, r)
		example, err := e.Example(x.messages, x.action)
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, x)
		data.HeldOut = append(data.HeldOut, example)
	}
	a, err := e.NewAdapter(lora.DefaultConfig(), 1)
	if err != nil {
		t.Fatal(err)
	}
	before, err := e.Evaluate(t.Context(), nil, data.HeldOut)
	if err != nil {
		t.Fatal(err)
	}
	opts := train.DefaultOptions()
	opts.LearningRate = 1e-3
	res, err := e.Train(t.Context(), a, data, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s: %d steps, %d tokens, %.0f tokens/s, held-out loss %.3f -> %.3f",
		e.Info().Device, res.Steps, res.Tokens, float64(res.Tokens)/res.Duration.Seconds(), before, res.HeldOutLoss)
	if res.HeldOutLoss > before/4 {
		t.Errorf("held-out loss %.3f before, %.3f after", before, res.HeldOutLoss)
	}
	dir := filepath.Join(t.TempDir(), "v1")
	meta, err := e.SaveAdapter(dir, a, safetensors.BF16, lora.Metadata{CreatedBy: "test"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.LoadAdapter("v1", dir, meta.AdapterSHA256); err != nil {
		t.Fatal(err)
	}
	right := map[string]int{}
	for _, name := range []string{lm.NoAdapter, "v1"} {
		for _, x := range held {
			res, err := e.Generate(t.Context(), x.messages, lm.GenerateOptions{Adapter: name, Grammar: x.grammar, MaxTokens: 40})
			if err != nil {
				t.Fatal(err)
			}
			if res.Text == x.action {
				right[name]++
			}
			s := res.Stats
			t.Logf("%s: %s (want %s): confidence %.2f, %d passes for %d tokens (%d forced), prefill %d in %v, decode %d in %v, total %v",
				name, res.Text, x.action, res.Confidence, s.Forwards, len(res.Tokens), s.Forced, s.Prefilled, s.Prefill, s.Decoded, s.Decode, s.Total)
		}
	}
	t.Logf("right of %d: %v", len(held), right)
	if right["v1"] < right[lm.NoAdapter] || right["v1"] < 4 {
		t.Errorf("right of %d: %v", len(held), right)
	}
}
