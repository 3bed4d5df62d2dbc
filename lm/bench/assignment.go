package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/grokputer/grokputer/lm/compute/cpu"
)

// Assignment is what one process measures.
type Assignment struct {
	Kind Kind `json:"kind"`
	// Model is the path of a GGUF file.
	Model string `json:"model"`
	// Threads is how many threads compute.
	Threads int `json:"threads"`
	// ISA limits our engine's instruction set. Peers are limited otherwise: when they are built, or by their
	// environment.
	ISA cpu.ISA `json:"isa,omitempty"`
	// Workload is the path of a file that Workload.Save wrote.
	Workload string `json:"workload"`
}

// Outcome is what one process measured.
type Outcome struct {
	Values map[Metric]float64 `json:"values"`
	// Device is what computed, such as "cpu avx512, float32, 2 threads".
	Device string `json:"device,omitempty"`
	// Texts are the actions of the steps, to see whether two engines did the same.
	Texts []string `json:"texts,omitempty"`
	// Versions are those of the libraries that computed, of another engine.
	Versions map[string]string `json:"versions,omitempty"`
}

// Validate returns an ErrInvalid that names the first field with an unusable value.
func (a Assignment) Validate() error {
	switch {
	case len(a.Kind.Metrics()) == 0:
		return fmt.Errorf("%w: there is no measurement %q, want one of %s", ErrInvalid, a.Kind, joined(Kinds()))
	case a.Model == "":
		return fmt.Errorf("%w: Model is empty, want the path of a GGUF file", ErrInvalid)
	case a.Threads < 1:
		return fmt.Errorf("%w: Threads is %d, want at least 1", ErrInvalid, a.Threads)
	case a.Workload == "":
		return fmt.Errorf("%w: Workload is empty, want the path of a workload", ErrInvalid)
	}
	return nil
}

// Measure does an assignment with our engine, in this process. Memory is that of
// the whole process, so it is the measurement's only in one of its own: see Process.
func Measure(ctx context.Context, a Assignment) (Outcome, error) {
	if err := a.Validate(); err != nil {
		return Outcome{}, err
	}
	w, err := Load(a.Workload)
	if err != nil {
		return Outcome{}, err
	}
	measure := map[Kind]func(context.Context, Assignment, Workload) (Outcome, error){
		Train: measureTrain, Prefill: measurePrefill, Decode: measureDecode,
		Step: measureStep, Swap: measureSwap, First: measureFirst,
	}[a.Kind]
	out, err := measure(ctx, a, w)
	if err != nil {
		return Outcome{}, fmt.Errorf("bench: %s: %w", a.Kind, err)
	}
	return out, nil
}

// Serve reads an assignment from in, does it, and writes the outcome to out: it is
// all that a process of Process has to do.
func Serve(ctx context.Context, in io.Reader, out io.Writer) error {
	var a Assignment
	if err := json.NewDecoder(in).Decode(&a); err != nil {
		return fmt.Errorf("bench: read the assignment: %w", err)
	}
	outcome, err := Measure(ctx, a)
	if err != nil {
		return err
	}
	if err := json.NewEncoder(out).Encode(outcome); err != nil {
		return fmt.Errorf("bench: write the outcome: %w", err)
	}
	return nil
}
