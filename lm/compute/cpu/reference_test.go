package cpu_test

import (
	"math"

	"github.com/grokputer/grokputer/lm/compute"
)

// Plain float64 versions of the operations, with which the kernels are compared. Gradients come from
// finite differences of these, never from a second derivation.

// grid is a matrix in Go memory.
type grid struct {
	rows, cols int
	v          []float64
}

func newGrid(rows, cols int) grid { return grid{rows, cols, make([]float64, rows*cols)} }

func (g grid) at(i, j int) *float64 { return &g.v[i*g.cols+j] }

func (g grid) floats() []float32 {
	out := make([]float32, len(g.v))
	for i, x := range g.v {
		out[i] = float32(x)
	}

	return out
}

func normReference(x, gain grid, epsilon float64) grid {
	out := newGrid(x.rows, x.cols)

	for i := range x.rows {
		squares := 0.0
		for j := range x.cols {
			squares += *x.at(i, j) * *x.at(i, j)
		}

		for j := range x.cols {
			*out.at(i, j) = *x.at(i, j) / math.Sqrt(squares/float64(x.cols)+epsilon) * gain.v[j]
		}
	}

	return out
}

func swigluReference(x grid) grid {
	n := x.cols / 2
	out := newGrid(x.rows, n)

	for i := range x.rows {
		for j := range n {
			g := *x.at(i, j)
			*out.at(i, j) = g / (1 + math.Exp(-g)) * *x.at(i, n+j)
		}
	}

	return out
}

func rotateReference(x grid, dim int, positions []int32, base float64) grid {
	out := newGrid(x.rows, x.cols)

	for i := range x.rows {
		for h := 0; h < x.cols; h += dim {
			for j := range dim / 2 {
				sine, cosine := math.Sincos(float64(positions[i]) * math.Pow(base, -float64(2*j)/float64(dim)))
				a, b := *x.at(i, h+j), *x.at(i, h+dim/2+j)
				*out.at(i, h+j) = a*cosine - b*sine
				*out.at(i, h+dim/2+j) = b*cosine + a*sine
			}
		}
	}

	return out
}

// seenKeys returns the rows that query i of a span looks at.
func seenKeys(s compute.Span, i, window int) []int {
	var rows []int
	for j := range s.Prefixed {
		rows = append(rows, s.Prefix+j)
	}

	for j := range s.Keys - s.Queries + i + 1 {
		rows = append(rows, s.Key+j)
	}

	if window > 0 && len(rows) > window {
		rows = rows[len(rows)-window:]
	}

	return rows
}

func attentionReference(q, k, v grid, spans []compute.Span, heads compute.Heads) grid {
	out := newGrid(q.rows, q.cols)
	group := heads.Query / heads.KeyValue

	for _, s := range spans {
		for h := range heads.Query {
			column, shared := h*heads.Dim, h/group*heads.Dim

			for i := range s.Queries {
				seen := seenKeys(s, i, heads.Window)
				weights := make([]float64, len(seen))
				total := 0.0

				for j, key := range seen {
					dot := 0.0
					for d := range heads.Dim {
						dot += *q.at(s.Query+i, column+d) * *k.at(key, shared+d)
					}

					weights[j] = math.Exp(dot / math.Sqrt(float64(heads.Dim)))
					total += weights[j]
				}

				for j, key := range seen {
					for d := range heads.Dim {
						*out.at(s.Query+i, column+d) += weights[j] / total * *v.at(key, shared+d)
					}
				}
			}
		}
	}

	return out
}

// linearReference is x·wᵀ plus the adapters' products. masks, if any, hold dropout factors for the input
// of each adapter.
func linearReference(x, w grid, adapters []compute.LowRank, masks []grid) grid {
	out := newGrid(x.rows, w.rows)

	for i := range x.rows {
		for o := range w.rows {
			for j := range x.cols {
				*out.at(i, o) += *x.at(i, j) * *w.at(o, j)
			}
		}

		for n, a := range adapters {
			for r := range a.Rank {
				z := 0.0

				for j := range x.cols {
					factor := 1.0
					if masks != nil {
						factor = *masks[n].at(i, j)
					}

					z += factor * *x.at(i, j) * float64(a.A[r*x.cols+j])
				}

				for o := range a.Out {
					*out.at(i, a.Column+o) += float64(a.Scale) * z * float64(a.B[o*a.Rank+r])
				}
			}
		}
	}

	return out
}

func crossEntropyReference(x, head grid, labels []int32) []float64 {
	logits := linearReference(x, head, nil, nil)
	losses := make([]float64, x.rows)

	for i := range losses {
		total := 0.0
		for j := range logits.cols {
			total += math.Exp(*logits.at(i, j))
		}

		losses[i] = math.Log(total) - *logits.at(i, int(labels[i]))
	}

	return losses
}

// maskReference returns the factors of a dropout mask, straight from the definition at compute.Dropout.
func maskReference(d compute.Dropout, stream uint32, rows, cols int) grid {
	out := newGrid(rows, cols)
	threshold := uint32(math.Round(float64(d.Rate) * 65536))

	for i := range rows {
		for j := range cols {
			words := philox([4]uint32{uint32(j / 8), uint32(d.Row + i), stream, 0}, [2]uint32{uint32(d.Seed), uint32(d.Seed >> 32)})
			if draw := words[j%8/2] >> (16 * (j % 2)) & 0xffff; draw >= threshold {
				*out.at(i, j) = 65536 / float64(65536-threshold)
			}
		}
	}

	return out
}

// philox is Philox4x32-10 (Salmon et al. 2011).
func philox(c [4]uint32, k [2]uint32) [4]uint32 {
	for range 10 {
		p0, p1 := uint64(0xD2511F53)*uint64(c[0]), uint64(0xCD9E8D57)*uint64(c[2])
		c = [4]uint32{uint32(p1>>32) ^ c[1] ^ k[0], uint32(p1), uint32(p0>>32) ^ c[3] ^ k[1], uint32(p0)}
		k[0] += 0x9E3779B9
		k[1] += 0xBB67AE85
	}

	return c
}

// slope returns the derivative of f with respect to *x.
func slope(x *float64, f func() float64) float64 {
	const step = 1e-5

	was := *x
	*x = was + step
	up := f()
	*x = was - step
	down := f()
	*x = was

	return (up - down) / (2 * step)
}

// weighted is a scalar function of a matrix: the sum of its elements times those of w.
func weighted(g, w grid) float64 {
	sum := 0.0
	for i, x := range g.v {
		sum += x * w.v[i]
	}

	return sum
}
