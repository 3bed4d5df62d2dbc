package cpu_test

import (
	"math"
	"testing"

	"github.com/grokputer/grokputer/lm/compute"
)

// Column counts: less than a vector, odd, and whole vectors of every instruction set.
var widths = []int{3, 37, 64}

func TestNorm(t *testing.T) {
	onEach(t, func(b bench) {
		const epsilon = 1e-5

		for _, n := range widths {
			x, gain, dy, before := b.grid(5, n, 2), b.grid(1, n, 1), b.grid(5, n, 1), b.grid(5, n, 1)
			tx, tg, got := b.tensor(x), b.tensor(gain), b.room(5, n)

			b.ops.Norm(got, tx, tg, epsilon)
			b.want("norm", got, normReference(x, gain, epsilon), 1e-6)

			want := gradient(x, func() float64 { return weighted(normReference(x, gain, epsilon), dy) })
			for i := range want.v {
				want.v[i] += before.v[i]
			}

			dx := b.tensor(before)
			b.ops.NormBackward(dx, b.tensor(dy), tx, tg, epsilon)
			b.want("gradient", dx, want, 1e-5)
		}
	})
}

func TestSwiGLU(t *testing.T) {
	onEach(t, func(b bench) {
		for _, n := range widths {
			x, dy := b.grid(4, 2*n, 6), b.grid(4, n, 1)
			tx, got, dx := b.tensor(x), b.room(4, n), b.room(4, 2*n)

			b.ops.SwiGLU(got, tx)
			b.want("swiglu", got, swigluReference(x), 1e-6)

			b.ops.SwiGLUBackward(dx, b.tensor(dy), tx)
			b.want("gradient", dx, gradient(x, func() float64 { return weighted(swigluReference(x), dy) }), 1e-5)
		}
	})
}

// Where e^x leaves float32's range the activation must stay finite and right.
func TestSwiGLUExtremes(t *testing.T) {
	onEach(t, func(b bench) {
		x := grid{1, 12, []float64{-1e4, -200, -90, 90, 200, 1e4, 1, 1, 1, 1, 1, 1}}
		got := b.room(1, 6)
		b.ops.SwiGLU(got, b.tensor(x))
		b.want("swiglu", got, grid{1, 6, []float64{0, 0, 0, 90, 200, 1e4}}, 1e-6)
	})
}

func TestRotate(t *testing.T) {
	onEach(t, func(b bench) {
		const base = 10000

		for _, dim := range []int{6, 20, 64} {
			x := b.grid(5, 3*dim, 1)
			positions := []int32{0, 1, 7, 3, 11}

			table := newGrid(12, dim)
			for p := range table.rows {
				for j := range dim / 2 {
					sine, cosine := math.Sincos(float64(p) * math.Pow(base, -float64(2*j)/float64(dim)))
					*table.at(p, j), *table.at(p, dim/2+j) = cosine, sine
				}
			}

			tx, tt := b.tensor(x), b.tensor(table)
			b.ops.Rotate(tx, dim, positions, tt, false)
			b.want("rotated", tx, rotateReference(x, dim, positions, base), 1e-6)

			// A rotation's transpose is its inverse, so rotating back is the gradient as well.
			b.ops.Rotate(tx, dim, positions, tt, true)
			b.want("rotated back", tx, x, 1e-6)
		}
	})
}

func TestRows(t *testing.T) {
	onEach(t, func(b bench) {
		x := b.grid(5, 37, 1)
		tx := b.tensor(x)

		got := b.room(5, 37)
		b.ops.Copy(got, tx)
		b.want("copy", got, x, 0)

		some := b.room(2, 37)
		b.ops.Gather(some, tx, []int32{4, 1})
		b.want("gather", some, grid{2, 37, append(append([]float64{}, x.v[4*37:]...), x.v[37:2*37]...)}, 0)

		want := newGrid(5, 37)
		copy(want.v[4*37:], x.v[4*37:])
		copy(want.v[37:2*37], x.v[37:2*37])
		b.ops.Scatter(got, some, []int32{4, 1})
		b.want("scatter", got, want, 0)

		factors := []float32{-1, 0, 0.5, 1, 3}
		want = newGrid(5, 37)
		for i, v := range x.v {
			want.v[i] = v * float64(factors[i/37])
		}

		b.ops.Copy(got, tx)
		b.ops.ScaleRows(got, factors)
		b.want("scaled rows", got, want, 1e-6)

		b.ops.Zero(got)
		b.want("zero", got, newGrid(5, 37), 0)
	})
}

// packed returns the spans of sequences that lie one after the other.
func packed(lengths ...int) []compute.Span {
	var spans []compute.Span

	at := 0
	for _, n := range lengths {
		spans = append(spans, compute.Span{Query: at, Queries: n, Key: at, Keys: n})
		at += n
	}

	return spans
}

// after returns the span of queries whose keys, from row key on, begin with those of a past.
func after(key, queries, keys int) []compute.Span {
	return []compute.Span{{Queries: queries, Key: key, Keys: keys}}
}

// continued returns the spans of a beginning and of its continuations, one after the other.
func continued(beginning int, lengths ...int) []compute.Span {
	spans := packed(append([]int{beginning}, lengths...)...)
	for i := range spans[1:] {
		spans[i+1].Prefixed = beginning
	}

	return spans
}

// join puts spans after others.
func join(a, b []compute.Span) []compute.Span {
	rows := a[len(a)-1].Query + a[len(a)-1].Queries
	for _, s := range b {
		s.Query += rows
		s.Key += rows

		if s.Prefixed > 0 {
			s.Prefix += rows
		}

		a = append(a, s)
	}

	return a
}

func TestAttention(t *testing.T) {
	cases := []struct {
		name          string
		queries, keys int
		spans         []compute.Span
		heads         compute.Heads
	}{
		{"one token", 1, 1, packed(1), compute.Heads{Query: 2, KeyValue: 1, Dim: 8}},
		{"one sequence", 21, 21, packed(21), compute.Heads{Query: 4, KeyValue: 2, Dim: 6}},
		{"packed", 45, 45, packed(9, 1, 35), compute.Heads{Query: 3, KeyValue: 3, Dim: 20}},
		{"many", 36, 36, packed(6, 6, 6, 6, 6, 6), compute.Heads{Query: 6, KeyValue: 2, Dim: 64}},
		{"a past", 6, 30, after(0, 6, 27), compute.Heads{Query: 2, KeyValue: 1, Dim: 16}},
		{"decoding", 2, 30, after(3, 2, 20), compute.Heads{Query: 4, KeyValue: 2, Dim: 64}},
		{"decoding after chunks", 3, 400, after(0, 3, 390), compute.Heads{Query: 9, KeyValue: 3, Dim: 64}},
		{"decoding of one", 1, 300, after(17, 1, 280), compute.Heads{Query: 6, KeyValue: 1, Dim: 80}},
		{"decoding in a window after chunks", 4, 400, after(0, 4, 390), compute.Heads{Query: 2, KeyValue: 2, Dim: 16, Window: 40}},
		{"a window", 45, 45, packed(3, 42), compute.Heads{Query: 2, KeyValue: 1, Dim: 16, Window: 5}},
		{"a window of two", 9, 9, packed(9), compute.Heads{Query: 2, KeyValue: 1, Dim: 8, Window: 2}},
		{"decoding in a window", 2, 30, after(3, 2, 20), compute.Heads{Query: 4, KeyValue: 2, Dim: 16, Window: 7}},
		{"decoding far from the beginning", 3, 300, []compute.Span{{Queries: 1, Keys: 300}, {Query: 1, Queries: 2, Key: 5, Keys: 290}},
			compute.Heads{Query: 10, KeyValue: 2, Dim: 24}},
		{"decoding in a window far from the beginning", 1, 400, after(0, 1, 400), compute.Heads{Query: 3, KeyValue: 1, Dim: 64, Window: 150}},
		{"decoding beside a prompt", 22, 300, []compute.Span{{Queries: 2, Keys: 150}, {Query: 2, Queries: 20, Key: 1, Keys: 299}}, compute.Heads{Query: 2, KeyValue: 1, Dim: 16}},
		{"continuations", 40, 40, continued(17, 5, 1, 17), compute.Heads{Query: 4, KeyValue: 2, Dim: 20}},
		{"two beginnings", 44, 44, join(continued(3, 4, 12), join(packed(5), continued(9, 11))),
			compute.Heads{Query: 2, KeyValue: 2, Dim: 16}},
		{"long", 170, 170, packed(30, 140), compute.Heads{Query: 2, KeyValue: 1, Dim: 40}},
		{"long with a past and a window", 130, 190, after(10, 130, 180), compute.Heads{Query: 2, KeyValue: 1, Dim: 8, Window: 70}},
		{"a window over a beginning", 40, 40, continued(17, 5, 1, 17), compute.Heads{Query: 4, KeyValue: 2, Dim: 20, Window: 9}},
	}

	onEach(t, func(b bench) {
		for _, c := range cases {
			width, shared := c.heads.Query*c.heads.Dim, c.heads.KeyValue*c.heads.Dim
			q, k, v := b.grid(c.queries, width, 2), b.grid(c.keys, shared, 2), b.grid(c.keys, shared, 1)
			tq, tk, tv := b.tensor(q), b.tensor(k), b.tensor(v)
			out, logSum := b.room(c.queries, width), b.room(c.queries, c.heads.Query)

			forward := func() grid { return attentionReference(q, k, v, c.spans, c.heads) }

			b.ops.Attention(out, logSum, tq, tk, tv, c.spans, c.heads)
			b.want(c.name, out, forward(), b.tolerance(2e-6))

			cached := b.room(c.queries, width)
			b.ops.Attention(cached, logSum, tq, b.cached(tk), b.cached(tv), c.spans, c.heads)
			b.want(c.name+", cached", cached, forward(), b.tolerance(2e-6))

			dOut := b.grid(c.queries, width, 1)
			loss := func() float64 { return weighted(forward(), dOut) }
			dq, dk, dv := b.room(c.queries, width), b.room(c.keys, shared), b.room(c.keys, shared)

			b.ops.AttentionBackward(dq, dk, dv, b.tensor(dOut), out, logSum, tq, tk, tv, c.spans, c.heads)
			b.want(c.name+": dq", dq, b.sampled(q, dq, loss), b.tolerance(1e-5))
			b.want(c.name+": dk", dk, b.sampled(k, dk, loss), b.tolerance(1e-5))
			b.want(c.name+": dv", dv, b.sampled(v, dv, loss), b.tolerance(1e-5))
		}
	})
}

// cached returns a copy of t as caches keep keys and values.
func (b bench) cached(t compute.Tensor) compute.Tensor {
	kept, err := b.backend.AllocActivation(t.Rows, t.Cols)
	if err != nil {
		b.Fatal(err)
	}

	b.ops.Copy(kept, t)

	return kept
}

// sampled returns derivatives for some elements of g, and what t holds for the others: finite
// differences of every element would take minutes.
func (b bench) sampled(g grid, t compute.Tensor, f func() float64) grid {
	values := make([]float32, len(g.v))
	b.ops.Read(values, t)

	out := newGrid(g.rows, g.cols)
	for i, x := range values {
		out.v[i] = float64(x)
	}

	samples := 25
	if g.rows > 100 {
		samples = 5 // each takes long
	}

	for range samples {
		i := b.random.IntN(len(g.v))
		out.v[i] = slope(&g.v[i], f)
	}

	return out
}
