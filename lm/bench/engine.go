package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"time"

	"github.com/grokputer/grokputer/lm"
	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/lm/model"
)

// withEngine opens the engine for f.
func withEngine(ctx context.Context, a Assignment, w Workload, f func(*lm.Engine) error) error {
	longest := max(w.Size.Screen, w.Size.Most) + actionTokens
	engine, err := lm.Open(ctx, a.Model, lm.Options{Threads: a.Threads, ISA: a.ISA, Context: longest})
	if err != nil {
		return err
	}
	return errors.Join(f(engine), engine.Close())
}

// withModel opens the model alone for f.
func withModel(ctx context.Context, a Assignment, f func(*model.Model) error) error {
	m, err := model.Open(ctx, a.Model, model.Options{Threads: a.Threads, ISA: a.ISA})
	if err != nil {
		return err
	}
	return errors.Join(f(m), m.Close())
}

// randomAdapter returns an adapter of rank 16 on all linear layers that changes
// something: 20 MB of float32 for SmolLM2-135M.
func randomAdapter(dims lora.Dims, seed uint64) (*lora.Adapter, error) {
	a, err := lora.New(lora.DefaultConfig(), dims, seed)
	if err != nil {
		return nil, err
	}
	rng := rand.New(rand.NewPCG(seed, 1))
	for p := range a.Params() {
		if p.Matrix == lora.MatrixB {
			for i := range p.Data {
				p.Data[i] = float32(rng.NormFloat64() / 1000)
			}
		}
	}
	return a, nil
}

// greatest returns the index of the greatest logit, of equals the first.
func greatest(logits []float32) int32 {
	best := 0
	for i, l := range logits {
		if l > logits[best] {
			best = i
		}
	}
	return int32(best)
}

// readAhead has the system hold a file in memory.
func readAhead(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("read the model ahead: %w", err)
	}
	defer func() { _ = f.Close() }() // read only
	if _, err := io.Copy(io.Discard, f); err != nil {
		return fmt.Errorf("read the model ahead: %w", err)
	}
	return nil
}

// ISA returns the instruction set in a device's name, such as avx512 in
// "cpu avx512, float32, 2 threads", or else the whole name.
func ISA(device string) string {
	kind, _, _ := strings.Cut(device, ",")
	if _, isa, ok := strings.Cut(kind, " "); ok {
		return isa
	}
	return device
}

// Threads returns the number of threads in a device's name, or 0.
func Threads(device string) int {
	n := 0
	if at := strings.LastIndex(device, ", "); at >= 0 {
		_, _ = fmt.Sscanf(device[at+2:], "%d thread", &n) // n stays 0
	}
	return n
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func perSecond(n int, d time.Duration) float64 { return float64(n) / d.Seconds() }
