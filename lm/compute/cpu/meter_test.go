package cpu_test

import (
	"context"
	"errors"
	"testing"

	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/compute/cpu"
	"github.com/grokputer/grokputer/lm/gguf"
)

// What the meter foresees is what the backend then maps, to the byte, whatever is called.
func TestMeterAgreesWithBackend(t *testing.T) {
	t.Parallel()

	const inputs, outputs, many = 96, 1100, 40

	calls := map[string]func(o compute.Ops, w compute.Weight){
		"nothing": func(compute.Ops, compute.Weight) {},
		"scratch": func(o compute.Ops, _ compute.Weight) {
			for range 5 {
				mark := o.Mark()
				o.Scratch(700, 1000)
				o.Scratch(3000, 900)
				o.Release(mark)
				o.Scratch(100, 1000)
			}
		},
		"activations": func(o compute.Ops, _ compute.Weight) {
			for _, rows := range []int{1, 8, 9, 3000} {
				o.Activation(rows, 100)
			}
		},
		"one row": func(o compute.Ops, w compute.Weight) {
			o.Linear(o.Scratch(1, outputs), zeros(o, 1, inputs), w, nil, compute.LinearCall{})
		},
		"few and many rows": func(o compute.Ops, w compute.Weight) {
			for _, rows := range []int{6, many, many} {
				o.Linear(o.Scratch(rows, outputs), zeros(o, rows, inputs), w, nil, compute.LinearCall{})
			}
		},
		"some rows": func(o compute.Ops, w compute.Weight) {
			rows := make([]int32, 700)
			for i := range rows {
				rows[i] = int32(1099 - i)
			}

			for _, n := range []int{1, 3, 700} {
				for _, tokens := range []int{1, 7, many} {
					o.LinearRows(o.Scratch(tokens, n), zeros(o, tokens, inputs), w, rows[:n])
				}
			}
		},
		"gradient": func(o compute.Ops, w compute.Weight) {
			o.LinearBackward(o.Scratch(many, inputs), zeros(o, many, outputs), zeros(o, many, inputs), w, nil, compute.LinearCall{})
		},
		"loss": func(o compute.Ops, w compute.Weight) {
			o.CrossEntropy(compute.Tensor{}, zeros(o, many, inputs), w, make([]int32, many), make([]float64, many))
		},
		"loss and gradient": func(o compute.Ops, w compute.Weight) {
			const rows = 70
			o.CrossEntropy(o.Scratch(rows, inputs), zeros(o, rows, inputs), w, make([]int32, rows), make([]float64, rows))
		},
	}

	for _, options := range []cpu.Options{
		{Precision: compute.Float32}, {Precision: compute.BFloat16},
		{Precision: compute.Float32, DequantizeOnTheFly: true}, {Precision: compute.BFloat16, DequantizeOnTheFly: true},
	} {
		for name, call := range calls {
			for _, kind := range []gguf.Type{gguf.F32, gguf.Q4_1, gguf.Q8_0} {
				backend, err := cpu.New(options)
				if errors.Is(err, cpu.ErrOption) {
					continue // no such products here
				} else if err != nil {
					t.Fatal(err)
				}

				kept := open(t, cpu.Options{Precision: options.Precision})

				part := gguf.Tensor{Type: kind, Shape: []int{outputs, inputs}}
				part.Data = make([]byte, outputs*part.RowBytes())

				w, err := backend.Load(part)
				if err != nil {
					t.Fatal(err)
				}

				// A backend that keeps what it unpacks foresees for one that does not, too.
				meter, other := backend.Meter(false), kept.Meter(options.DequantizeOnTheFly)
				for _, m := range []compute.Meter{meter, other} {
					if err := run(t.Context(), m, w, call); err != nil {
						t.Error(err)
					}
				}

				mapped := int64(0)
				err = run(t.Context(), backend, w, func(o compute.Ops, w compute.Weight) {
					call(o, w)

					mapped = backend.Mapped()
				})

				if got := meter.Memory(); err != nil || got.Total() != mapped || got != other.Memory() {
					t.Errorf("%+v, %s, %v: foreseen %+v, by another %+v, mapped %d bytes, %v",
						options, name, kind, got, other.Memory(), mapped, err)
				}

				if err := backend.Close(); err != nil {
					t.Error(err)
				}
			}
		}
	}
}

// run allocates a matrix and lets it go, allocates one that stays, and calls f.
func run(ctx context.Context, b compute.Backend, w compute.Weight, f func(compute.Ops, compute.Weight)) error {
	short, err := b.Alloc(1, 1)
	if err != nil {
		return err
	}

	b.Free(short)

	if _, err := b.Alloc(30, 7); err != nil {
		return err
	}

	return b.Run(ctx, func(o compute.Ops) error {
		f(o, w)

		return o.Err()
	})
}

func zeros(o compute.Ops, rows, cols int) compute.Tensor {
	t := o.Scratch(rows, cols)
	o.Zero(t)

	return t
}

func TestMeterRefuses(t *testing.T) {
	t.Parallel()

	m := open(t, cpu.Options{}).Meter(false)

	if _, err := m.Alloc(0, 1); err == nil {
		t.Error("a matrix of no rows")
	}

	if _, err := m.Load(plain(newGrid(2, 32))); err == nil {
		t.Error("a weight of its own")
	}

	if err := m.Run(t.Context(), func(o compute.Ops) error {
		o.Linear(compute.Tensor{}, compute.Tensor{}, nil, nil, compute.LinearCall{})

		return nil
	}); err == nil {
		t.Error("no weight")
	}

	ctx, cancel := context.WithCancel(t.Context())
	cancel()

	if err := m.Run(ctx, func(compute.Ops) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled run: %v", err)
	}
}
