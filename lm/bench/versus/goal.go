package versus

import (
	"fmt"

	"github.com/grokputer/grokputer/lm/bench"
)

// row is one line of the table: a goal and what it is judged by.
type row struct {
	work   string
	kind   bench.Kind
	metric bench.Metric
	// unit and digits are how the values are written.
	unit   string
	digits int
	// than is how our value is compared.
	than comparison
	// full is the goal on processors with AVX-512 BF16 and VNNI, plain on others.
	full, plain float64
	peers       []string
}

// comparison is how our value is compared.
type comparison int

const (
	// faster: ours is so many times the best peer's, at least.
	faster comparison = iota
	// sooner: the best peer's time is so many times ours, at least.
	sooner
	// leaner: ours is that part of the least peer's, at most.
	leaner
	// below: ours alone is less than that.
	below
)

// rows are the goals of the engine.
func rows() []row {
	peft := []string{"peft-fp32", "peft-autocast", "peft-bf16"}
	llama := []string{"llama.cpp"}
	return []row{
		{"LoRA r16 SFT, 256 examples of 60-250 tokens", bench.Train, bench.TrainSpeed, "tokens/s", 0, faster, 3, 1.5, peft},
		{"prefill of 512 tokens", bench.Prefill, bench.PrefillSpeed, "tokens/s", 0, faster, 6, 1.5, llama},
		{"decode of 128 tokens, batch 1", bench.Decode, bench.DecodeSpeed, "tokens/s", 0, faster, 2.5, 1.2, llama},
		{"agent step: 400 tokens, 300 seen, one action", bench.Step, bench.StepTime, "ms", 0, sooner, 6, 2, llama},
		{"adapter swap, 20 MB in memory", bench.Swap, bench.SwapWarm, "ms", 2, below, 1, 1, nil},
		{"adapter swap, 20 MB on disk (cached)", bench.Swap, bench.SwapCold, "ms", 1, below, 50, 50, nil},
		{"load of the GGUF to the first token (cached)", bench.First, bench.FirstTime, "ms", 0, below, 500, 500, nil},
		{"peak memory of the training", bench.Train, bench.TrainMemory, "MB", 0, leaner, 0.5, 0.5, peft},
		{"cost of an adapter in decoding", bench.Decode, bench.AdapterCost, "%", 1, below, 12, 12, nil},
	}
}

// goal is the row's on a processor.
func (r row) goal(vector bool) float64 {
	if vector {
		return r.full
	}
	return r.plain
}

// ratio compares our value with a peer's.
func (r row) ratio(ours, peer float64) float64 {
	if r.than == sooner {
		return peer / ours
	}
	return ours / peer
}

// met reports whether the goal is.
func (r row) met(value, goal float64) bool {
	switch r.than {
	case faster, sooner:
		return value >= goal
	case leaner, below:
		return value < goal
	}
	return false
}

// better reports whether a peer's value is a harder one to beat.
func (r row) better(a, b float64) bool {
	if r.than == faster {
		return a > b
	}
	return a < b
}

// want is the goal in words.
func (r row) want(goal float64) string {
	switch r.than {
	case faster, sooner:
		return fmt.Sprintf(">= %gx", goal)
	case leaner:
		return fmt.Sprintf("< %gx", goal)
	case below:
		return fmt.Sprintf("< %g %s", goal, r.unit)
	}
	return ""
}
