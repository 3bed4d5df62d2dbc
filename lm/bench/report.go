package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"

	"github.com/grokputer/grokputer/lm"
)

// Options are the settings of a run of our engine alone.
type Options struct {
	// Model is the path of a GGUF file.
	Model string
	// Threads is how many threads compute.
	Threads int
	// Rounds is how often each measurement is done.
	Rounds int
	// Kinds are the measurements; none means all.
	Kinds []Kind
	Size  Size
	// Seed draws the workload.
	Seed uint64
	// Process is a program that calls Serve.
	Process Process
	// Done is called after each measurement; it may be nil.
	Done func(round int, k Kind, o Outcome)
}

// Validate returns an ErrInvalid that names the first field with an unusable value.
func (o Options) Validate() error {
	switch {
	case o.Model == "":
		return fmt.Errorf("%w: Model is empty, want the path of a GGUF file", ErrInvalid)
	case o.Threads < 1:
		return fmt.Errorf("%w: Threads is %d, want at least 1", ErrInvalid, o.Threads)
	case o.Rounds < 1:
		return fmt.Errorf("%w: Rounds is %d, want at least 1", ErrInvalid, o.Rounds)
	case len(o.Process.Args) == 0:
		return fmt.Errorf("%w: Process has no program", ErrInvalid)
	}
	return o.Size.Validate()
}

// Report is what our engine alone does. In JSON it is one object: the medians under
// the metrics' names, their spreads in "ranges", and the other fields.
type Report struct {
	Spreads map[Metric]Spread
	Threads int    // that computed, at most as many as asked for
	ISA     string // of the kernels, such as avx512
	Rounds  int
	Model   string // its file's name
}

// Run measures round by round.
func Run(ctx context.Context, o Options) (report Report, err error) {
	if err := o.Validate(); err != nil {
		return Report{}, err
	}
	kinds := o.Kinds
	if len(kinds) == 0 {
		kinds = Kinds()
	}
	dir, err := os.MkdirTemp("", "bench-lm-")
	if err != nil {
		return Report{}, fmt.Errorf("bench: a folder for the workload: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	path := filepath.Join(dir, "workload.json")
	if _, err := BuildFile(ctx, o.Model, o.Size, o.Seed, path); err != nil {
		return Report{}, err
	}
	values := map[Metric][]float64{}
	report = Report{Spreads: map[Metric]Spread{}, Rounds: o.Rounds, Model: filepath.Base(o.Model)}
	for round := range o.Rounds {
		for _, k := range kinds {
			outcome, err := o.Process.Measure(ctx, Assignment{Kind: k, Model: o.Model, Threads: o.Threads, Workload: path})
			if err != nil {
				return Report{}, err
			}
			report.ISA, report.Threads = ISA(outcome.Device), Threads(outcome.Device)
			for m, v := range outcome.Values {
				values[m] = append(values[m], v)
			}
			if o.Done != nil {
				o.Done(round, k, outcome)
			}
		}
	}
	for m, v := range values {
		report.Spreads[m] = SpreadOf(v...)
	}
	return report, nil
}

// BuildFile builds the workload for the model of a GGUF file and saves it.
func BuildFile(ctx context.Context, gguf string, size Size, seed uint64, path string) (Workload, error) {
	engine, err := lm.Open(ctx, gguf, lm.Options{Threads: 1})
	if err != nil {
		return Workload{}, fmt.Errorf("bench: %w", err)
	}
	w, err := Build(engine, size, seed)
	if err = errors.Join(err, engine.Close()); err != nil {
		return Workload{}, err
	}
	return w, w.Save(path)
}

// MarshalJSON implements json.Marshaler.
func (r Report) MarshalJSON() ([]byte, error) {
	flat := map[string]any{"threads": r.Threads, "isa": r.ISA, "rounds": r.Rounds, "model": r.Model}
	ranges := map[Metric]Spread{}
	for m, s := range r.Spreads {
		ranges[m] = Spread{Median: rounded(s.Median), Least: rounded(s.Least), Most: rounded(s.Most)}
		flat[string(m)] = ranges[m].Median
	}
	flat["ranges"] = ranges
	return json.Marshal(flat)
}

// rounded leaves three decimals, which is more than any clock here is worth.
func rounded(x float64) float64 { return math.Round(x*1000) / 1000 }
