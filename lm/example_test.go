package lm_test

import (
	"context"
	"fmt"
	"log"

	"github.com/grokputer/grokputer/lm"
	"github.com/grokputer/grokputer/lm/chat"
	"github.com/grokputer/grokputer/lm/generate/grammar"
	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/lm/safetensors"
	"github.com/grokputer/grokputer/lm/train"
)

// Choose one of the actions that a screen allows.
func ExampleEngine_Generate() { //nolint:testableexamples // it needs the base model
	ctx := context.Background()
	engine, err := lm.Open(ctx, "SmolLM2-135M-Instruct.Q4_1.gguf", lm.Options{})
	if err != nil {
		log.Fatal(err)
	}
	actions, err := grammar.Compile(grammar.Words(`click button "Log in"`, `click button "Cancel"`))
	if err != nil {
		log.Fatal(err)
	}
	screen := []chat.Message{{Role: "user", Content: "Task: log in\nScreen:\nbutton \"Log in\"\nbutton \"Cancel\""}}
	res, err := engine.Generate(ctx, screen, lm.GenerateOptions{Grammar: actions})
	fmt.Println(res.Text, res.Confidence, err)
}

// An adapter in PEFT's layout is attached beside one in llama.cpp's format, and their
// sum answers one request; others go on without it.
func ExampleEngine_LoadAdapter() { //nolint:testableexamples // it needs the base model
	ctx := context.Background()
	engine, err := lm.Open(ctx, "SmolLM2-135M-Instruct.Q4_1.gguf", lm.Options{})
	if err != nil {
		log.Fatal(err)
	}
	for name, path := range map[string]string{"desktop": "adapters/starter", "polite": "polite.gguf"} {
		if _, err := engine.LoadAdapter(name, path, ""); err != nil {
			log.Fatal(err)
		}
	}
	if err := engine.AddStack("both", lm.Part{Adapter: "desktop", Weight: 1}, lm.Part{Adapter: "polite", Weight: 0.3}); err != nil {
		log.Fatal(err)
	}
	res, err := engine.Generate(ctx, []chat.Message{{Role: "user", Content: "Open the editor."}}, lm.GenerateOptions{Adapter: "both"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(res.Text)
}

// Train an adapter on one example and save it.
func ExampleEngine_Train() { //nolint:testableexamples // it needs the base model
	ctx := context.Background()
	engine, err := lm.Open(ctx, "SmolLM2-135M-Instruct.Q4_1.gguf", lm.Options{})
	if err != nil {
		log.Fatal(err)
	}
	example, _ := engine.Example([]chat.Message{{Role: "user", Content: "Task: log in"}}, `click button "Log in"`)
	adapter, _ := engine.NewAdapter(lora.DefaultConfig(), 1)
	res, err := engine.Train(ctx, adapter, train.Dataset{Train: []train.Example{example}}, train.DefaultOptions())
	if err != nil {
		log.Fatal(err)
	}
	meta, err := engine.SaveAdapter("adapters/log-in", adapter, safetensors.BF16, lora.Metadata{CreatedBy: "example"})
	fmt.Println(res.Loss, meta.AdapterSHA256, err)
}

// Teach an adapter from answers that were preferred and from answers that were rated, in one run.
func ExampleEngine_Train_preferences() { //nolint:testableexamples // it needs the base model
	ctx := context.Background()
	engine, err := lm.Open(ctx, "SmolLM2-135M-Instruct.Q4_1.gguf", lm.Options{})
	if err != nil {
		log.Fatal(err)
	}
	screen := []chat.Message{{Role: "user", Content: "Task: log in\nScreen:\nbutton \"Log in\"\nbutton \"Cancel\""}}
	pair, _ := engine.Pair(screen, `click button "Log in"`, `click button "Cancel"`)
	answer, _ := engine.Example(screen, `wait`)
	data := train.Dataset{Pairs: []train.Pair{pair}, Rated: []train.Rated{{Example: answer, Desirable: false}}}
	adapter, _ := engine.NewAdapter(lora.Config{Rank: 16, Alpha: 32, Targets: lora.AllModules()}, 1)
	opts := train.DefaultOptions()
	opts.LearningRate, opts.CheckpointDir = 5e-5, "checkpoints"
	opts.OnEvent = func(e train.Event) {
		if s, ok := e.(train.Stepped); ok {
			fmt.Println(s.Step, s.Loss, s.Margin, s.Left)
		}
	}
	res, err := engine.Train(ctx, adapter, data, opts)
	fmt.Println(res.Steps, err)
}
