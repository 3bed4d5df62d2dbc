package cpu_test

import (
	"fmt"
	"testing"

	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/gguf"
)

// The linear layers of SmolLM2-135M for a batch of 1,024 tokens: forward and backward, alone and with rank-16
// adapters. "GFLOP/s" counts the frozen product only.
func BenchmarkLinear(b *testing.B) {
	const rows = 1024

	for _, layer := range []struct {
		name            string
		inputs, outputs int
		modules         []int
	}{
		{"qkv", 576, 960, []int{576, 192, 192}},
		{"output", 576, 576, []int{576}},
		{"gate-up", 576, 3072, []int{1536, 1536}},
		{"down", 1536, 576, []int{576}},
	} {
		for _, adapted := range []bool{false, true} {
			for _, backward := range []bool{false, true} {
				b.Run(fmt.Sprintf("%s/adapted=%t/backward=%t", layer.name, adapted, backward), func(b *testing.B) {
					onBackend(b, func(f bench) error {
						o := f.ops
						weight, _ := f.quantised(gguf.Q4_1, layer.outputs, layer.inputs)
						w := f.load(weight)
						x, y := o.Scratch(rows, layer.inputs), o.Scratch(rows, layer.outputs)
						o.Write(x, f.grid(rows, layer.inputs, 1).floats())
						o.Write(y, f.grid(rows, layer.outputs, 1).floats())

						var (
							adapters []compute.LowRank
							call     compute.LinearCall
						)

						column := 0

						for i, out := range layer.modules {
							if adapted {
								adapters = append(adapters, f.lowRank(layer.inputs, out, column, 16, uint32(i)))
							}

							column += out
						}

						if adapted {
							call.Hidden = o.Scratch(rows, 16*len(adapters))
							o.Linear(y, x, w, adapters, call)
						}

						run := func() {
							if backward {
								o.LinearBackward(x, y, x, w, adapters, call)
							} else {
								o.Linear(y, x, w, adapters, call)
							}
						}

						run()

						for b.Loop() {
							run()
						}

						return nil
					})

					flops := 2 * float64(rows*layer.inputs*layer.outputs) * float64(b.N)
					b.ReportMetric(flops/b.Elapsed().Seconds()/1e9, "GFLOP/s")
				})
			}
		}
	}
}

// One token's linear layers, as in decoding: each of 30 layers has weights of its own, so that they come from memory.
// "GB/s" counts the bytes of the codes with their factors.
func BenchmarkToken(b *testing.B) {
	const layers = 30

	for _, layer := range []struct {
		name            string
		inputs, outputs int
	}{{"qkv", 576, 960}, {"output", 576, 576}, {"gate-up", 576, 3072}, {"down", 1536, 576}} {
		b.Run(layer.name, func(b *testing.B) {
			onBackend(b, func(f bench) error {
				o := f.ops

				var weights []compute.Weight

				for range layers {
					weight, _ := f.quantised(gguf.Q4_1, layer.outputs, layer.inputs)
					weights = append(weights, f.load(weight))
				}

				x, y := o.Scratch(1, layer.inputs), o.Scratch(1, layer.outputs)
				o.Write(x, f.grid(1, layer.inputs, 1).floats())

				run := func() {
					for _, w := range weights {
						o.Linear(y, x, w, nil, compute.LinearCall{})
					}
				}

				run()

				for b.Loop() {
					run()
				}

				return nil
			})

			bytes := float64(layers*layer.inputs*layer.outputs) * 5 / 8 * float64(b.N)
			b.ReportMetric(bytes/b.Elapsed().Seconds()/1e9, "GB/s")
			b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/layers*1e6, "us/layer")
		})
	}
}
