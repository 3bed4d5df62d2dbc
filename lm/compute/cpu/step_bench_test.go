package cpu_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/compute/cpu"
	"github.com/grokputer/grokputer/lm/gguf"
)

// SmolLM2-135M's output head for one token: all rows, and some.
func BenchmarkLinearRows(b *testing.B) {
	const inputs, outputs = 576, 49152

	for _, kind := range []gguf.Type{gguf.Q8_0, gguf.F16} {
		backend, err := cpu.New(cpu.Options{})
		if err != nil {
			b.Fatal(err)
		}

		part := gguf.Tensor{Type: kind, Shape: []int{outputs, inputs}}
		part.Data = make([]byte, outputs*part.RowBytes())

		w, err := backend.Load(part)
		if err != nil {
			b.Fatal(err)
		}

		for _, n := range []int{1, 16, 128, 512, 1024, 2048, outputs} {
			b.Run(fmt.Sprintf("%v/%d", kind, n), func(b *testing.B) {
				err := backend.Run(b.Context(), func(o compute.Ops) error {
					rows := (bench{random: rand.New(rand.NewPCG(1, 2))}).rows(n, outputs)
					x, y := zeros(o, 1, inputs), o.Scratch(1, n)

					multiply := func() {
						if n == outputs {
							o.Linear(y, x, w, nil, compute.LinearCall{})
						} else {
							o.LinearRows(y, x, w, rows)
						}
					}

					multiply() // the weight is unpacked

					for b.Loop() {
						multiply()
					}

					return o.Err()
				})
				if err != nil {
					b.Error(err)
				}
			})
		}

		if err := backend.Close(); err != nil {
			b.Error(err)
		}
	}
}

// SmolLM2-135M's attention of one token to 400 others, in 30 layers with keys and values of their own.
func BenchmarkAttention(b *testing.B) {
	const keys, layers = 400, 30

	heads := compute.Heads{Query: 9, KeyValue: 3, Dim: 64}

	for _, queries := range []int{1, 3, 100} {
		b.Run(fmt.Sprintf("%d queries", queries), func(b *testing.B) {
			onBackend(b, func(f bench) error {
				o := f.ops
				var cached []compute.Tensor
				for range 2 * layers {
					cached = append(cached, zeros(o, keys, heads.KeyValue*heads.Dim))
				}

				q, out := o.Activation(queries, heads.Query*heads.Dim), o.Activation(queries, heads.Query*heads.Dim)
				o.Zero(q)

				spans := []compute.Span{{Queries: queries, Keys: keys}}

				for b.Loop() {
					for i := range layers {
						o.Attention(out, compute.Tensor{}, q, cached[2*i], cached[2*i+1], spans, heads)
					}
				}

				return o.Err()
			})
		})
	}
}

// The linear layers of a prompt of 512 tokens, as a pass without training computes them. With one layer the weight stays
// in a core's cache, with 30 each comes from memory. "TFLOP/s" is for all threads.
func BenchmarkPrompt(b *testing.B) {
	const rows = 512

	for _, layer := range []struct {
		name            string
		inputs, outputs int
		add             bool
	}{{"qkv", 576, 960, false}, {"output", 576, 576, true}, {"gate-up", 576, 3072, false}, {"down", 1536, 576, true}} {
		for _, layers := range []int{1, 30} {
			b.Run(fmt.Sprintf("%s/%d layers", layer.name, layers), func(b *testing.B) {
				onBackend(b, func(f bench) error {
					o := f.ops

					var weights []compute.Weight

					for range layers {
						weight, _ := f.quantised(gguf.Q4_1, layer.outputs, layer.inputs)
						weights = append(weights, f.load(weight))
					}

					x, y := o.Activation(rows, layer.inputs), o.Activation(rows, layer.outputs)
					if layer.add {
						y = zeros(o, rows, layer.outputs)
					}

					o.Zero(x)

					run := func() {
						for _, w := range weights {
							o.Linear(y, x, w, nil, compute.LinearCall{Add: layer.add})
						}
					}

					run()

					for b.Loop() {
						run()
					}

					return o.Err()
				})

				flops := 2 * float64(layers*rows*layer.inputs*layer.outputs) * float64(b.N)
				b.ReportMetric(flops/b.Elapsed().Seconds()/1e12, "TFLOP/s")
			})
		}
	}
}
