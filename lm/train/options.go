package train

import (
	"fmt"
	"math"

	"github.com/grokputer/grokputer/lm/lora"
)

// Options are the settings of a run. Start from DefaultOptions.
type Options struct {
	// Base identifies the base model, such as its file's sha256. A checkpoint of
	// another base is refused.
	Base string `json:"base"`
	// Seed decides the order of the examples and the dropout masks.
	Seed uint64 `json:"seed"`

	// Epochs is how often each example is used.
	Epochs int `json:"epochs"`
	// MaxSteps ends the run earlier, and the schedule with it; 0 is no limit.
	MaxSteps int `json:"max_steps"`
	// BatchExamples is how many examples, pairs and rated completions make one
	// optimiser step.
	BatchExamples int `json:"batch_examples"`
	// MicroTokens is how many tokens one forward and backward pass holds at most;
	// a step takes as many passes as it needs. It bounds memory.
	MicroTokens int `json:"micro_tokens"`
	// Context is the longest sequence that the model takes; 0 leaves it to the model
	// to refuse a longer one.
	Context int `json:"-"`
	// Recompute has the model keep only each layer's input and compute the rest again
	// on the way back: the same bits with less memory and more time.
	Recompute bool `json:"-"`

	// LearningRate is the highest rate. Warmup is the part of the steps, in [0, 1),
	// over which it rises; Schedule says how it falls from there towards the part
	// FinalRate of itself.
	LearningRate float64  `json:"learning_rate"`
	Warmup       float64  `json:"warmup"`
	Schedule     Schedule `json:"schedule"`
	FinalRate    float64  `json:"final_rate"`

	// AdamW's parameters.
	Beta1       float64 `json:"beta1"`
	Beta2       float64 `json:"beta2"`
	Epsilon     float64 `json:"epsilon"`
	WeightDecay float64 `json:"weight_decay"`
	// ClipNorm bounds the gradient's Euclidean norm over all parameters; 0 does not.
	ClipNorm float64 `json:"clip_norm"`

	// DPO and KTO are how pairs and rated completions are learnt, if there are any.
	// Reference is the adapter that they are held to; nil is the base alone. It stays
	// as it is, so it must not be the one that is trained.
	DPO       DPO           `json:"dpo"`
	KTO       KTO           `json:"kto"`
	Reference *lora.Adapter `json:"-"`

	// EvalEvery is after how many steps the held-out loss is measured; 0 only at the
	// end.
	EvalEvery int `json:"eval_every"`
	// Patience ends the run after so many evaluations in a row without a new least
	// held-out loss, and has the adapter of the least loss returned; 0 does not.
	Patience int `json:"patience"`

	// CheckpointDir is a folder of this run's own, from which it is resumed. Empty
	// means that nothing is saved.
	CheckpointDir string `json:"-"`
	// CheckpointEvery is after how many steps a checkpoint is written, besides those
	// at the end and at an interruption; 0 only then.
	CheckpointEvery int `json:"-"`

	// OnEvent is called from Run's own goroutine; it may be nil.
	OnEvent func(Event) `json:"-"`
}

// DefaultOptions are the settings with which SmolLM2-135M and rank 16 learned the
// action language in our measurements; betas and epsilon are PyTorch's.
func DefaultOptions() Options {
	return Options{
		Epochs:        1,
		BatchExamples: 8,
		MicroTokens:   1024,
		LearningRate:  5e-4,
		Warmup:        0.03,
		Schedule:      Cosine,
		Beta1:         0.9,
		Beta2:         0.999,
		Epsilon:       1e-8,
		ClipNorm:      1,
		DPO:           DPO{Beta: 0.1, Weight: 1},
		KTO:           KTO{Beta: 0.1, Desirable: 1, Undesirable: 1, Weight: 1},
	}
}

// Validate returns an error that names the first field with an unusable value.
func (o Options) Validate() error {
	for _, c := range []struct {
		name  string
		value float64
		ok    bool
		want  string
	}{
		{"Epochs", float64(o.Epochs), o.Epochs >= 1, "at least 1"},
		{"MaxSteps", float64(o.MaxSteps), o.MaxSteps >= 0, "0 or more"},
		{"BatchExamples", float64(o.BatchExamples), o.BatchExamples >= 1, "at least 1"},
		{"MicroTokens", float64(o.MicroTokens), o.MicroTokens >= 1, "at least 1"},
		{"LearningRate", o.LearningRate, o.LearningRate > 0 && o.LearningRate <= 1, "in (0, 1]"},
		{"Warmup", o.Warmup, o.Warmup >= 0 && o.Warmup < 1, "in [0, 1)"},
		{"FinalRate", o.FinalRate, o.FinalRate >= 0 && o.FinalRate <= 1, "in [0, 1]"},
		{"Beta1", o.Beta1, o.Beta1 >= 0 && o.Beta1 < 1, "in [0, 1)"},
		{"Beta2", o.Beta2, o.Beta2 >= 0 && o.Beta2 < 1, "in [0, 1)"},
		{"Epsilon", o.Epsilon, o.Epsilon > 0 && !math.IsInf(o.Epsilon, 0), "positive"},
		{"WeightDecay", o.WeightDecay, o.WeightDecay >= 0 && o.WeightDecay <= 1, "in [0, 1]"},
		{"ClipNorm", o.ClipNorm, o.ClipNorm >= 0 && !math.IsInf(o.ClipNorm, 0), "0 or more"},
		{"EvalEvery", float64(o.EvalEvery), o.EvalEvery >= 0, "0 or more"},
		{"Patience", float64(o.Patience), o.Patience >= 0, "0 or more"},
		{"Context", float64(o.Context), o.Context >= 0, "0 or more"},
		{"CheckpointEvery", float64(o.CheckpointEvery), o.CheckpointEvery >= 0, "0 or more"},
	} {
		if !c.ok {
			return fmt.Errorf("%w: %s is %v, want %s", ErrInvalid, c.name, c.value, c.want)
		}
	}
	if err := o.DPO.validate(); err != nil {
		return err
	}
	if err := o.KTO.validate(); err != nil {
		return err
	}
	switch o.Schedule {
	case Cosine, Linear, Constant:
	default:
		return fmt.Errorf("%w: Schedule is %q, want %q, %q or %q", ErrInvalid, o.Schedule, Cosine, Linear, Constant)
	}
	if o.Patience > 0 && o.EvalEvery == 0 {
		return fmt.Errorf("%w: EvalEvery is 0, want at least 1 with Patience %d", ErrInvalid, o.Patience)
	}
	if o.CheckpointEvery > 0 && o.CheckpointDir == "" {
		return fmt.Errorf("%w: CheckpointDir is empty, want a folder with CheckpointEvery %d", ErrInvalid, o.CheckpointEvery)
	}
	return nil
}
