package gpu

import (
	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/compute/gpu/kernels"
)

// Attention is flash attention; see compute.AttentionOps.
func (o *ops) Attention(out, logSum, q, k, v compute.Tensor, spans []compute.Span, heads compute.Heads) {
	if o.err != nil {
		return
	}

	defer o.Release(o.Mark())

	plan := o.plans.rows(o, spans, heads, o.busy())
	call := kernels.Attention{
		Out: view(out), LogSum: view(logSum), Q: view(q), K: view(k), V: view(v),
		Spans: plan.spans, Blocks: plan.blocks, Shape: kernels.ShapeOf(heads),
	}

	if plan.Slots > 0 {
		call.Parts = view(o.Scratch(plan.Slots*heads.KeyValue*kernels.AttentionRows, heads.Dim+2))
	}

	o.launch(call.Call(len(plan.Blocks)/5, o.exact))

	if plan.Slots > 0 {
		join := kernels.AttentionJoin{
			Out: call.Out, LogSum: call.LogSum, Parts: call.Parts, Spans: plan.spans, Joined: plan.joined, Shape: call.Shape,
		}
		o.launch(join.Call(len(plan.Joined)/4, plan.Rows, heads.KeyValue))
	}
}

// AttentionBackward computes probabilities again from the log sums.
func (o *ops) AttentionBackward(dq, dk, dv, dOut, out, logSum, q, k, v compute.Tensor, spans []compute.Span, heads compute.Heads) {
	if o.err != nil {
		return
	}

	defer o.Release(o.Mark())

	delta := o.Scratch(out.Rows, heads.Query)
	o.launch((&kernels.AttentionDelta{
		Delta: view(delta), DOut: view(dOut), Out: view(out), Heads: int32(heads.Query), Dim: int32(heads.Dim),
	}).Call())

	shape := kernels.ShapeOf(heads)
	rows := o.plans.rows(o, spans, heads, 0)
	o.launch((&kernels.AttentionQueries{
		DQ: view(dq), DOut: view(dOut), LogSum: view(logSum), Delta: view(delta), Q: view(q), K: view(k), V: view(v),
		Spans: rows.spans, Blocks: rows.blocks, Shape: shape,
	}).Call(len(rows.Blocks)/5, o.exact))

	keys := o.plans.keys(o, spans, heads, dk.Rows)
	o.launch((&kernels.AttentionKeys{
		DK: view(dk), DV: view(dv), DOut: view(dOut), LogSum: view(logSum), Delta: view(delta), Q: view(q), K: view(k), V: view(v),
		Spans: rows.spans, Blocks: keys.blocks, Visits: keys.visits, Shape: shape,
	}).Call(len(keys.Blocks)/4, o.exact))
}
