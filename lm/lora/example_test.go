package lora_test

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/grokputer/grokputer/lm/lora"
)

// An adapter that PEFT or the trainer made is given to llama.cpp, stacked on another.
func Example() {
	temp, err := os.MkdirTemp("", "lora-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(temp)
	style, _, err := lora.Load("testdata/peers/patterns", tinyDims(), lora.Expect{})
	if err != nil {
		panic(err)
	}
	skill, _, err := lora.Load("testdata/peers/stabilised", tinyDims(), lora.Expect{})
	if err != nil {
		panic(err)
	}
	both, err := lora.Stack(lora.Weighted{Adapter: skill, Weight: 1}, lora.Weighted{Adapter: style, Weight: 0.5})
	if err != nil {
		panic(err)
	}
	path := filepath.Join(temp, "both.gguf")
	if _, err := lora.SaveGGUF(path, both, lora.Family{Architecture: "llama", HeadDim: 8}, lora.SaveOptions{}); err != nil {
		panic(err)
	}
	fmt.Println(skill.At(2, lora.Query).Rank, "+", style.At(2, lora.Query).Rank, "=", both.At(2, lora.Query).Rank)
	// Output: 8 + 2 = 10
}
