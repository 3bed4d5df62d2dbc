//go:build linux

package kernels_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"unsafe"

	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/compute/cpu"
	"github.com/grokputer/grokputer/lm/compute/gpu/kernels"
)

// attentionCase is a call of attention. Past rows and rows between spans belong to none.
type attentionCase struct {
	name          string
	queries, keys int
	spans         []compute.Span
	heads         compute.Heads
	busy          int
}

var attentionCases = []attentionCase{
	{"one token", 1, 1, packed(1), compute.Heads{Query: 2, KeyValue: 1, Dim: 8}, 0},
	{"one sequence", 21, 21, packed(21), compute.Heads{Query: 4, KeyValue: 2, Dim: 64}, 0},
	{"packed", 45, 45, packed(9, 1, 35), compute.Heads{Query: 3, KeyValue: 3, Dim: 32}, 0},
	{"several blocks", 150, 150, packed(10, 140), compute.Heads{Query: 3, KeyValue: 1, Dim: 40}, 0},
	{"rows of no span", 25, 28, []compute.Span{{Query: 2, Queries: 10, Key: 3, Keys: 10}, {Query: 14, Queries: 9, Key: 15, Keys: 11}},
		compute.Heads{Query: 4, KeyValue: 2, Dim: 80}, 0},
	{"a past", 6, 130, after(2, 6, 127), compute.Heads{Query: 10, KeyValue: 2, Dim: 96}, 0},
	{"a window", 90, 90, packed(3, 87), compute.Heads{Query: 2, KeyValue: 1, Dim: 16, Window: 5}, 0},
	{"a window over the end of a block", 100, 100, packed(100), compute.Heads{Query: 1, KeyValue: 1, Dim: 16, Window: 2}, 0},
	{"a window of one", 9, 9, packed(9), compute.Heads{Query: 2, KeyValue: 1, Dim: 8, Window: 1}, 0},
	{"a past and a window", 70, 190, after(10, 70, 180), compute.Heads{Query: 1, KeyValue: 1, Dim: 128, Window: 50}, 0},
	{"continuations", 40, 40, continued(17, 5, 1, 17), compute.Heads{Query: 4, KeyValue: 2, Dim: 24}, 0},
	{"continuations of a long beginning", 90, 90, continued(70, 2, 18), compute.Heads{Query: 2, KeyValue: 1, Dim: 128}, 0},
	{"a window over a beginning", 40, 40, continued(17, 5, 1, 17), compute.Heads{Query: 4, KeyValue: 2, Dim: 16, Window: 9}, 0},
	{"the widest heads", 37, 37, packed(2, 35), compute.Heads{Query: 2, KeyValue: 1, Dim: 256}, 0},
	{"wide heads", 18, 18, packed(18), compute.Heads{Query: 3, KeyValue: 1, Dim: 136}, 0},
	{"heads of an odd dim", 21, 40, after(3, 21, 30), compute.Heads{Query: 4, KeyValue: 2, Dim: 7}, 0},
	{"decoding", 3, 640, []compute.Span{{Queries: 1, Keys: 300}, {Query: 1, Queries: 2, Key: 305, Keys: 330}},
		compute.Heads{Query: 9, KeyValue: 3, Dim: 64}, 24},
	{"decoding in a window", 1, 640, after(0, 1, 620), compute.Heads{Query: 4, KeyValue: 1, Dim: 128, Window: 400}, 3},
	{"a prompt in parts", 40, 600, after(0, 40, 600), compute.Heads{Query: 2, KeyValue: 1, Dim: 24}, 7},
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

// TestAttention compares with the processor in float32. Operands are such as bfloat16 holds, so what is left is the rounding of
// probabilities and of their gradients to 8 bits, which is less than 1/256 of each; sums of many come out better.
func TestAttention(t *testing.T) {
	onTileCards(t, func(t *testing.T, card tileCard) {
		for _, c := range attentionCases {
			for _, form := range []attentionForm{{half: false}, {half: true}, {exact: true}} {
				if c.heads.Dim%8 != 0 && !form.exact {
					continue // only the exact kernels are for those
				}

				t.Run(fmt.Sprintf("%s/%+v", c.name, form), func(t *testing.T) {
					t.Parallel()
					attend(t, card, c, form)
				})
			}
		}
	})
}

// attentionForm says what views hold, and whether the exact kernels run, whose operands are not such as bfloat16 holds.
type attentionForm struct{ half, exact bool }

// tolerances are relative to the largest element.
func (f attentionForm) tolerances() (out, logSum, gradients float64) {
	if f.exact {
		return 5e-6, 5e-6, 1e-5
	}

	return 8e-3, 1e-4, 1e-2
}

// attend runs one case forward and backward.
func attend(t *testing.T, card tileCard, c attentionCase, form attentionForm) {
	t.Helper()

	half, rounded := form.half, !form.exact
	forOut, forLogSum, forGradients := form.tolerances()

	random := rand.New(rand.NewPCG(3, 4))
	width, shared := c.heads.Query*c.heads.Dim, c.heads.KeyValue*c.heads.Dim
	q, k := card.matrix(t, random, c.queries, width, 2, half, rounded), card.matrix(t, random, c.keys, shared, 2, half, rounded)
	v, dOut := card.matrix(t, random, c.keys, shared, 1, half, rounded), card.matrix(t, random, c.queries, width, 1, half, rounded)
	want := c.reference(t, q, k, v, dOut)

	plan := kernels.PlanAttention(c.spans, c.heads, c.busy)
	if (c.busy > 0) != (plan.Slots > 0) {
		t.Fatalf("%d slots", plan.Slots)
	}

	out, logSum := card.matrix(t, random, c.queries, width, 0, half, true), card.matrix(t, random, c.queries, c.heads.Query, 0, false, true)
	parts := card.room(t, plan.Slots*c.heads.KeyValue*64, c.heads.Dim+2, false)
	spans := card.numbers(t, plan.Spans)
	shape := kernels.ShapeOf(c.heads)

	forward := &kernels.Attention{
		Out: out.View, LogSum: logSum.View, Q: q.View, K: k.View, V: v.View, Parts: parts, Spans: spans, Blocks: card.numbers(t, plan.Blocks), Shape: shape,
	}
	card.run(t, forward.Call(len(plan.Blocks)/5, form.exact), out.View, logSum.View)

	if plan.Slots > 0 {
		join := &kernels.AttentionJoin{
			Out: out.View, LogSum: logSum.View, Parts: parts, Spans: spans, Joined: card.numbers(t, plan.Joined), Shape: shape,
		}
		card.run(t, join.Call(len(plan.Joined)/4, plan.Rows, c.heads.KeyValue), out.View, logSum.View)
	}

	wantClose(t, "out", values(out.View), want.out, forOut)
	wantClose(t, "log sum", values(logSum.View), want.logSum, forLogSum)

	unwanted := *forward
	unwanted.LogSum = kernels.View{}
	card.run(t, unwanted.Call(len(plan.Blocks)/5, form.exact))

	plan = kernels.PlanAttention(c.spans, c.heads, 0)
	keys := kernels.PlanKeys(c.spans, c.keys)
	delta := card.room(t, c.queries, c.heads.Query, false)
	card.run(t, (&kernels.AttentionDelta{
		Delta: delta, DOut: dOut.View, Out: out.View, Heads: int32(c.heads.Query), Dim: int32(c.heads.Dim),
	}).Call(), delta)

	dq := card.matrix(t, random, c.queries, width, 0, half, true)
	dk, dv := card.room(t, c.keys, shared, half), card.room(t, c.keys, shared, half)

	card.run(t, (&kernels.AttentionQueries{
		DQ: dq.View, DOut: dOut.View, LogSum: logSum.View, Delta: delta, Q: q.View, K: k.View, V: v.View,
		Spans: spans, Blocks: card.numbers(t, plan.Blocks), Shape: shape,
	}).Call(len(plan.Blocks)/5, form.exact), dq.View)
	card.run(t, (&kernels.AttentionKeys{
		DK: dk, DV: dv, DOut: dOut.View, LogSum: logSum.View, Delta: delta, Q: q.View, K: k.View, V: v.View,
		Spans: spans, Blocks: card.numbers(t, keys.Blocks), Visits: card.numbers(t, keys.Visits), Shape: shape,
	}).Call(len(keys.Blocks)/4, form.exact), dk, dv)

	wantClose(t, "dq", values(dq.View), want.dq, forGradients)
	wantClose(t, "dk", values(dk), want.dk, forGradients)
	wantClose(t, "dv", values(dv), want.dv, forGradients)
}

// A number that is none must not get lost: it is how a training that diverges is noticed.
func TestAttentionNaN(t *testing.T) {
	onTileCards(t, func(t *testing.T, card tileCard) {
		for _, exact := range []bool{false, true} {
			c := attentionCase{queries: 3, keys: 3, spans: packed(3), heads: compute.Heads{Query: 1, KeyValue: 1, Dim: 8}}
			random := rand.New(rand.NewPCG(1, 1))
			q, k, v := card.matrix(t, random, 3, 8, 1, true, true), card.matrix(t, random, 3, 8, 1, true, true), card.matrix(t, random, 3, 8, 1, true, true)
			q.values[9] = float32(math.NaN())
			q.restore()

			out := card.room(t, 3, 8, true)
			plan := kernels.PlanAttention(c.spans, c.heads, 0)
			card.run(t, (&kernels.Attention{
				Out: out, Q: q.View, K: k.View, V: v.View, Spans: card.numbers(t, plan.Spans), Blocks: card.numbers(t, plan.Blocks), Shape: kernels.ShapeOf(c.heads),
			}).Call(len(plan.Blocks)/5, exact), out)

			for i, x := range values(out) {
				if (x != x) != (i/8 == 1) {
					t.Errorf("exact %v: element %d is %g", exact, i, x)
				}
			}
		}
	})
}

// attentionWanted is what the processor says.
type attentionWanted struct{ out, logSum, dq, dk, dv []float32 }

func (c attentionCase) reference(t *testing.T, q, k, v, dOut cardMatrix) (want attentionWanted) {
	t.Helper()

	backend, err := cpu.New(cpu.Options{Threads: 1, Precision: compute.Float32})
	if err != nil {
		t.Fatal(err)
	}

	defer backend.Close()

	err = backend.Run(t.Context(), func(o compute.Ops) error {
		put := func(m cardMatrix) compute.Tensor {
			x := o.Scratch(int(m.Rows), int(m.Cols))
			o.Write(x, m.values)

			return x
		}
		zero := func(rows, cols int) compute.Tensor {
			x := o.Scratch(rows, cols)
			o.Zero(x)

			return x
		}
		get := func(x compute.Tensor) []float32 {
			all := make([]float32, x.Rows*x.Cols)
			o.Read(all, x)

			return all
		}

		tq, tk, tv, td := put(q), put(k), put(v), put(dOut)
		out, logSum, dq := zero(tq.Rows, tq.Cols), zero(tq.Rows, c.heads.Query), zero(tq.Rows, tq.Cols)
		dk, dv := zero(tk.Rows, tk.Cols), zero(tk.Rows, tk.Cols)

		o.Attention(out, logSum, tq, tk, tv, c.spans, c.heads)
		o.AttentionBackward(dq, dk, dv, td, out, logSum, tq, tk, tv, c.spans, c.heads)
		want = attentionWanted{get(out), get(logSum), get(dq), get(dk), get(dv)}

		return nil
	})
	if err != nil {
		t.Fatal(err)
	}

	return want
}

// The structs must be those of the source, of which only sizes are seen here.
func TestAttentionStructs(t *testing.T) {
	t.Parallel()

	for name, sizes := range map[string][2]uintptr{
		"Attention":        {unsafe.Sizeof(kernels.Attention{}), 6*32 + 2*8 + 16},
		"AttentionJoin":    {unsafe.Sizeof(kernels.AttentionJoin{}), 3*32 + 2*8 + 16},
		"AttentionDelta":   {unsafe.Sizeof(kernels.AttentionDelta{}), 3*32 + 8},
		"AttentionQueries": {unsafe.Sizeof(kernels.AttentionQueries{}), 7*32 + 2*8 + 16},
		"AttentionKeys":    {unsafe.Sizeof(kernels.AttentionKeys{}), 8*32 + 3*8 + 16},
	} {
		if sizes[0] != sizes[1] {
			t.Errorf("%s has %d bytes, want %d", name, sizes[0], sizes[1])
		}
	}
}
