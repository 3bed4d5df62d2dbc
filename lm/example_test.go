package lm_test

import (
	"context"
	"fmt"
	"os"

	"github.com/grokputer/grokputer/lm"
	"github.com/grokputer/grokputer/lm/chat"
	"github.com/grokputer/grokputer/lm/generate"
	"github.com/grokputer/grokputer/lm/generate/grammar"
	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/lm/safetensors"
	"github.com/grokputer/grokputer/lm/train"
)

// Choose one of the actions that a screen allows.
func ExampleEngine_Generate() {
	ctx := context.Background()
	engine, err := lm.Open(ctx, "SmolLM2-135M-Instruct.Q4_1.gguf", lm.Options{})
	if err != nil {
		panic(err)
	}
	defer engine.Close()
	actions, err := grammar.Compile(grammar.Words(`click button "Log in"`, `click button "Cancel"`))
	if err != nil {
		panic(err)
	}
	question := []chat.Message{{Role: "user", Content: "To log in, which button do I press?"}}
	res, err := engine.Generate(ctx, question, lm.GenerateOptions{Grammar: actions})
	if err != nil {
		panic(err)
	}
	fmt.Printf("%s, %.1f sure\n", res.Text, res.Confidence)
	// Output: click button "Log in", 0.8 sure
}

// An adapter in PEFT's layout is attached beside one in llama.cpp's format, and their
// sum answers one request; others go on without it.
func ExampleEngine_LoadAdapter() {
	ctx := context.Background()
	engine, err := lm.Open(ctx, "SmolLM2-135M-Instruct.Q4_1.gguf", lm.Options{})
	if err != nil {
		panic(err)
	}
	defer engine.Close()
	for name, path := range map[string]string{"desktop": "adapters/starter", "polite": "polite.gguf"} {
		if _, err := engine.LoadAdapter(name, path, ""); err != nil {
			panic(err)
		}
	}
	if err := engine.AddStack("both", lm.Part{Adapter: "desktop", Weight: 1}, lm.Part{Adapter: "polite", Weight: 0.3}); err != nil {
		panic(err)
	}
	task := []chat.Message{
		{Role: "system", Content: "You work a desktop. Say the next action."},
		{Role: "user", Content: "Task: what is 54 x 12? use the calculator\nScreen \"\":\nDone so far: nothing"},
	}
	res, err := engine.Generate(ctx, task, lm.GenerateOptions{Adapter: "both"})
	if err != nil {
		panic(err)
	}
	fmt.Println(res.Text)
	// Output: open "calculator"
}

// Train an adapter on one example, save it, and answer with it.
func ExampleEngine_Train() {
	ctx := context.Background()
	engine, err := lm.Open(ctx, "SmolLM2-135M-Instruct.Q4_1.gguf", lm.Options{})
	if err != nil {
		panic(err)
	}
	defer engine.Close()
	task := []chat.Message{{Role: "user", Content: "Task: log in"}}
	example, _ := engine.Example(task, `click button "Log in"`)
	adapter, _ := engine.NewAdapter(lora.DefaultConfig(), 1)
	opts := train.DefaultOptions()
	opts.Epochs, opts.BatchExamples, opts.LearningRate = 12, 1, 1e-3
	if _, err := engine.Train(ctx, adapter, train.Dataset{Train: []train.Example{example}}, opts); err != nil {
		panic(err)
	}
	meta, err := engine.SaveAdapter("adapters/log-in", adapter, safetensors.BF16, lora.Metadata{CreatedBy: "example"})
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll("adapters/log-in")
	if _, err := engine.LoadAdapter("log-in", "adapters/log-in", meta.AdapterSHA256); err != nil {
		panic(err)
	}
	res, err := engine.Generate(ctx, task, lm.GenerateOptions{Adapter: "log-in"})
	fmt.Println(res.Text, err)
	// Output: click button "Log in" <nil>
}

// Teach an adapter from answers that were preferred and from answers that were rated, in one run.
func ExampleEngine_Train_preferences() {
	ctx := context.Background()
	engine, err := lm.Open(ctx, "SmolLM2-135M-Instruct.Q4_1.gguf", lm.Options{})
	if err != nil {
		panic(err)
	}
	defer engine.Close()
	screen := []chat.Message{{Role: "user", Content: "Task: log in\nScreen:\nbutton \"Log in\"\nbutton \"Cancel\""}}
	pair, _ := engine.Pair(screen, `click button "Log in"`, `click button "Cancel"`)
	answer, _ := engine.Example(screen, `wait`)
	data := train.Dataset{Pairs: []train.Pair{pair}, Rated: []train.Rated{{Example: answer, Desirable: false}}}
	adapter, _ := engine.NewAdapter(lora.Config{Rank: 16, Alpha: 32, Targets: lora.AllModules()}, 1)
	opts := train.DefaultOptions()
	opts.Epochs, opts.BatchExamples, opts.LearningRate, opts.CheckpointDir = 4, 2, 5e-5, "checkpoints"
	opts.OnEvent = func(e train.Event) {
		if s, ok := e.(train.Stepped); ok {
			fmt.Println("step", s.Step, "prefers the first answer more than before:", s.Margin > 0)
		}
	}
	if _, err := engine.Train(ctx, adapter, data, opts); err != nil {
		panic(err)
	}
	// Output:
	// step 1 prefers the first answer more than before: false
	// step 2 prefers the first answer more than before: true
	// step 3 prefers the first answer more than before: true
	// step 4 prefers the first answer more than before: true
}

// Several completions at once, drawn at random: one prompt, four answers.
func ExampleEngine_GenerateBatch() {
	ctx := context.Background()
	engine, err := lm.Open(ctx, "SmolLM2-135M-Instruct.Q4_1.gguf", lm.Options{})
	if err != nil {
		panic(err)
	}
	defer engine.Close()
	colours, err := grammar.Compile(grammar.Words("red", "green", "blue", "yellow", "black"))
	if err != nil {
		panic(err)
	}
	requests := make([]lm.Request, 4)
	for i := range requests {
		requests[i].Messages = []chat.Message{{Role: "user", Content: "Name a colour."}}
		requests[i].Options.Grammar = colours
		requests[i].Options.Sampling = generate.Sampling{Temperature: 1, Seed: uint64(i)}
	}
	results, err := engine.GenerateBatch(ctx, requests)
	if err != nil {
		panic(err)
	}
	for _, res := range results {
		fmt.Println(res.Text)
	}
	// Output:
	// black
	// green
	// red
	// yellow
}
