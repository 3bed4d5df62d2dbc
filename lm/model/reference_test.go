package model_test

import (
	"fmt"
	"math"

	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/lm/model"
)

// This file is the decoder once more, as plain as can be: float64, one token after the other, no cache, no
// packing, Hugging Face's weight layout. Gradients are compared with finite differences of it.

// run is one sequence through the reference.
type run struct {
	*tiny
	adapter *lora.Adapter
	// keep returns dropout's factor for input column j of row i; nil means 1.
	keep func(layer int, module lora.Module, row, column int) float64
}

var ggufNames = [lora.Modules]string{"attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"}

// linear returns W·x and the adapter's part.
func (r run) linear(layer int, module lora.Module, row int, x []float64) []float64 {
	w := r.matrices[fmt.Sprintf("blk.%d.%s.weight", layer, ggufNames[module])]
	y := product(w, x)

	pair := r.adapter.At(layer, module)
	if pair == nil {
		return y
	}

	scale := float64(r.adapter.Config.Alpha) / float64(r.adapter.Config.Rank)

	for k := range pair.Rank {
		z := 0.0

		for j := range x {
			factor := 1.0
			if r.keep != nil {
				factor = r.keep(layer, module, row, j)
			}

			z += float64(pair.A[k*pair.In+j]) * x[j] * factor
		}

		for o := range y {
			y[o] += scale * float64(pair.B[o*pair.Rank+k]) * z
		}
	}

	return y
}

func product(w matrix, x []float64) []float64 {
	y := make([]float64, w.rows)
	for o := range y {
		for j := range x {
			y[o] += w.v[o*w.cols+j] * x[j]
		}
	}

	return y
}

func (r run) norm(name string, x []float64) []float64 {
	squares := 0.0
	for _, v := range x {
		squares += v * v
	}

	y := make([]float64, len(x))
	for j, v := range x {
		y[j] = v / math.Sqrt(squares/float64(len(x))+r.epsilon) * r.matrices[name].v[j]
	}

	return y
}

func (r run) rotate(x []float64, position int) {
	half := r.headDim / 2

	for h := 0; h < len(x); h += r.headDim {
		for j := range half {
			sine, cosine := math.Sincos(float64(position) * math.Pow(r.base, -float64(2*j)/float64(r.headDim)))
			a, b := x[h+j], x[h+half+j]
			x[h+j], x[h+half+j] = a*cosine-b*sine, b*cosine+a*sine
		}
	}
}

// logits returns the logits after each token.
func (r run) logits(tokens []int32) [][]float64 {
	embedding := r.matrices["token_embd.weight"]
	states := make([][]float64, len(tokens))

	for i, token := range tokens {
		states[i] = append([]float64(nil), embedding.v[int(token)*r.hidden:(int(token)+1)*r.hidden]...)
	}

	for layer := range r.layers {
		r.attention(layer, states)
		r.feedForwardLayer(layer, states)
	}

	out := make([][]float64, len(tokens))
	for i, x := range states {
		out[i] = product(r.matrices["output.weight"], r.norm("output_norm.weight", x))
	}

	return out
}

func (r run) attention(layer int, states [][]float64) {
	var keys, values [][]float64

	for i, x := range states {
		h := r.norm(fmt.Sprintf("blk.%d.attn_norm.weight", layer), x)
		q, k, v := r.linear(layer, lora.Query, i, h), r.linear(layer, lora.Key, i, h), r.linear(layer, lora.Value, i, h)
		r.adjust(layer, q, k, v)
		r.rotate(q, i)
		r.rotate(k, i)
		keys, values = append(keys, k), append(values, v)

		mixed := make([]float64, r.heads*r.headDim)

		for head := range r.heads {
			at, shared := head*r.headDim, head/(r.heads/r.kvHeads)*r.headDim
			weights, total := make([]float64, i+1), 0.0

			for j := range weights {
				if r.window > 0 && j <= i-r.window {
					continue
				}

				dot := 0.0
				for d := range r.headDim {
					dot += q[at+d] * keys[j][shared+d]
				}

				weights[j] = math.Exp(dot / math.Sqrt(float64(r.headDim)))
				total += weights[j]
			}

			for j, w := range weights {
				for d := range r.headDim {
					mixed[at+d] += w / total * values[j][shared+d]
				}
			}
		}

		for j, y := range r.linear(layer, lora.Output, i, mixed) {
			states[i][j] += y
		}
	}
}

// adjust adds the biases and norms the heads, if the model has such.
func (r run) adjust(layer int, q, k, v []float64) {
	for module, y := range map[string][]float64{"q": q, "k": k, "v": v} {
		for o, b := range r.matrices[fmt.Sprintf("blk.%d.attn_%s.bias", layer, module)].v {
			y[o] += b
		}

		name := fmt.Sprintf("blk.%d.attn_%s_norm.weight", layer, module)
		if _, ok := r.matrices[name]; !ok {
			continue
		}

		for h := 0; h < len(y); h += r.headDim {
			copy(y[h:], r.norm(name, y[h:h+r.headDim]))
		}
	}
}

func (r run) feedForwardLayer(layer int, states [][]float64) {
	for i, x := range states {
		h := r.norm(fmt.Sprintf("blk.%d.ffn_norm.weight", layer), x)
		gate, up := r.linear(layer, lora.Gate, i, h), r.linear(layer, lora.Up, i, h)

		for j, g := range gate {
			gate[j] = g / (1 + math.Exp(-g)) * up[j]
		}

		for j, y := range r.linear(layer, lora.Down, i, gate) {
			states[i][j] += y
		}
	}
}

// loss returns the sum of the batch's cross-entropies, sequence by sequence.
func (t *tiny) loss(b model.Batch, a *lora.Adapter, rate float32) float64 {
	sum, wanted := 0.0, 0

	for s, start := range b.Starts {
		end := len(b.Tokens)
		if s+1 < len(b.Starts) {
			end = b.Starts[s+1]
		}

		r := run{tiny: t, adapter: a}
		if rate > 0 {
			r.keep = t.masks(b, start, wanted, rate)
		}

		for i, logits := range r.logits(b.Tokens[start:end]) {
			label := b.Labels[start+i]
			if label < 0 {
				continue
			}

			total := 0.0
			for _, l := range logits {
				total += math.Exp(l)
			}

			sum += math.Log(total) - logits[label]
			wanted++
		}
	}

	return sum
}

// masks returns the dropout factors of a sequence, after the definition at compute.Dropout. Rows are
// numbered over the batch; the last layer counts only rows with a label after attention.
func (t *tiny) masks(b model.Batch, start, wanted int, rate float32) func(int, lora.Module, int, int) float64 {
	threshold := uint32(math.Round(float64(rate) * 65536))

	return func(layer int, module lora.Module, row, column int) float64 {
		number := start + row

		if layer == t.layers-1 && module >= lora.Output {
			if b.Labels[start+row] < 0 {
				return 0 // nothing of this row reaches the loss
			}

			number = wanted
			for _, label := range b.Labels[start : start+row] {
				if label >= 0 {
					number++
				}
			}
		}

		words := philox(
			[4]uint32{uint32(column / 8), uint32(number), uint32(layer*lora.Modules + int(module)), 0},
			[2]uint32{uint32(b.DropoutSeed), uint32(b.DropoutSeed >> 32)})
		if words[column%8/2]>>(16*(column%2))&0xffff < threshold {
			return 0
		}

		return 65536 / float64(65536-threshold)
	}
}

// philox is Philox4x32-10 (Salmon et al. 2011); compute/cpu's tests compare it with published vectors.
func philox(c [4]uint32, k [2]uint32) [4]uint32 {
	for range 10 {
		p0, p1 := uint64(0xD2511F53)*uint64(c[0]), uint64(0xCD9E8D57)*uint64(c[2])
		c = [4]uint32{uint32(p1>>32) ^ c[1] ^ k[0], uint32(p1), uint32(p0>>32) ^ c[3] ^ k[1], uint32(p0)}
		k[0] += 0x9E3779B9
		k[1] += 0xBB67AE85
	}

	return c
}
