package cpu_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/compute/cpu"
	"github.com/grokputer/grokputer/lm/gguf"
)

func open(t *testing.T, options cpu.Options) *cpu.Backend {
	t.Helper()

	b, err := cpu.New(options)
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})

	return b
}

func TestISAText(t *testing.T) {
	t.Parallel()

	for isa := cpu.Auto; isa <= cpu.AMX; isa++ {
		var again cpu.ISA

		name, err := isa.MarshalText()
		if err == nil {
			err = again.UnmarshalText(name)
		}

		if err != nil || again != isa {
			t.Errorf("%v is written %q, which is read as %v, %v", isa, name, again, err)
		}
	}

	var isa cpu.ISA
	if err := isa.UnmarshalText([]byte("sse")); !errors.Is(err, cpu.ErrOption) || !strings.Contains(err.Error(), "avx512-bf16") {
		t.Errorf("an unknown name is %v, %v", isa, err)
	}

	if name, err := cpu.ISA(9).MarshalText(); !errors.Is(err, cpu.ErrOption) {
		t.Errorf("an unknown set is written %q, %v", name, err)
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()

	for _, options := range []cpu.Options{
		{Threads: -1}, {ISA: 9}, {ISA: -1}, {Precision: 3}, {Precision: -1},
		{ISA: cpu.Generic, Precision: compute.BFloat16},
	} {
		if b, err := cpu.New(options); !errors.Is(err, cpu.ErrOption) {
			t.Errorf("New(%+v) = %v, %v, want ErrOption", options, b, err)
		}
	}

	b := open(t, cpu.Options{Threads: 1, ISA: cpu.Generic})
	if got := b.Name(); got != "cpu generic, float32, 1 threads" {
		t.Errorf("name is %q", got)
	}
}

func TestRunEnds(t *testing.T) {
	t.Parallel()

	b := open(t, cpu.Options{})
	nothing := func(compute.Ops) error { return nil }
	mine := errors.New("mine")

	if err := b.Run(t.Context(), func(compute.Ops) error { return mine }); !errors.Is(err, mine) {
		t.Errorf("Run returned %v, want the function's error", err)
	}

	ctx, cancel := context.WithCancel(t.Context())
	entered, leave := make(chan struct{}), make(chan struct{})
	first := make(chan error, 1)

	go func() {
		first <- b.Run(t.Context(), func(compute.Ops) error {
			close(entered)
			<-leave

			return nil
		})
	}()

	<-entered
	cancel()

	// The backend is busy: only the context can end these calls.
	if err := b.Run(ctx, nothing); !errors.Is(err, context.Canceled) {
		t.Errorf("Run returned %v while busy, want context.Canceled", err)
	}

	close(leave)

	if err := <-first; err != nil {
		t.Error(err)
	}

	if err := b.Close(); err != nil {
		t.Error(err)
	}

	if err := b.Run(t.Context(), nothing); !errors.Is(err, compute.ErrClosed) {
		t.Errorf("Run after Close returned %v, want ErrClosed", err)
	}

	if _, err := b.Alloc(1, 1); !errors.Is(err, compute.ErrClosed) {
		t.Errorf("Alloc after Close returned %v, want ErrClosed", err)
	}
}

// An operation's error ends the Run, the operations after it do nothing, and the next Run is sound.
func TestStickyError(t *testing.T) {
	t.Parallel()

	b := open(t, cpu.Options{})

	err := b.Run(t.Context(), func(o compute.Ops) error {
		x := o.Scratch(1, 4)
		o.Write(x, []float32{1, 2, 3, 4})
		o.Linear(x, x, nil, nil, compute.LinearCall{})
		o.Zero(x)

		if got := o.Err(); got == nil {
			t.Error("a missing weight is no error")
		}

		return nil
	})
	if err == nil || !strings.Contains(err.Error(), "weight of another backend") {
		t.Errorf("Run returned %v", err)
	}

	err = b.Run(t.Context(), func(o compute.Ops) error { return o.Err() })
	if err != nil {
		t.Errorf("the next Run returned %v", err)
	}
}

func TestLoadRefuses(t *testing.T) {
	t.Parallel()

	b := open(t, cpu.Options{})
	narrow, wide := plain(newGrid(2, 32)), plain(newGrid(2, 64))

	for name, parts := range map[string][]gguf.Tensor{
		"no parts":             nil,
		"different inputs":     {narrow, wide},
		"unknown quantisation": {{Name: "w", Type: gguf.Q2_K, Shape: []int{1, 256}, Data: make([]byte, 84)}},
		"short data":           {{Name: "w", Type: gguf.F32, Shape: []int{2, 32}, Data: narrow.Data[:100]}},
	} {
		if _, err := b.Load(parts...); err == nil {
			t.Errorf("%s: Load returned no error", name)
		}
	}
}

// Equal work takes no new memory, and what one mark released another gets.
func TestScratchIsReused(t *testing.T) {
	t.Parallel()

	b := open(t, cpu.Options{})

	const rows, cols = 3000, 1000 // 12 MB, more than a chunk

	var before compute.Tensor

	for run := range 4 {
		err := b.Run(t.Context(), func(o compute.Ops) error {
			kept := o.Scratch(rows, cols)
			mark := o.Mark()
			first := o.Scratch(rows, cols)
			o.Release(mark)
			second := o.Scratch(rows, cols)

			if first.Data != second.Data || first.Data == kept.Data {
				t.Errorf("run %d: scratch at %p, after release at %p, kept %p", run, first.Data, second.Data, kept.Data)
			}

			// The first run adds chunks, the second maps one of the right size.
			if run > 2 && kept.Data != before.Data {
				t.Errorf("run %d: memory moved", run)
			}

			before = kept

			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
