package cpu

// #include "native.h"
import "C"

import (
	"unsafe"

	"github.com/grokputer/grokputer/lm/compute"
)

// Attention computes all heads of all spans.
func (o *ops) Attention(out, logSum, q, k, v compute.Tensor, spans []compute.Span, heads compute.Heads) {
	if o.err != nil {
		return
	}

	o.setSpans(spans)

	if o.backend.precision == compute.BFloat16 {
		C.native_attention16(o.engine, matrix(out), matrix(logSum), matrix(q), matrix(k), matrix(v),
			unsafe.SliceData(o.spans), C.int(len(spans)), shape(heads))

		return
	}

	C.native_attention(o.engine, matrix(out), matrix(logSum), matrix(q), matrix(k), matrix(v),
		unsafe.SliceData(o.spans), C.int(len(spans)), shape(heads))
}

// AttentionBackward computes the gradients of q, k and v.
func (o *ops) AttentionBackward(
	dq, dk, dv, dOut, out, logSum, q, k, v compute.Tensor, spans []compute.Span, heads compute.Heads,
) {
	if o.err != nil {
		return
	}

	o.setSpans(spans)

	if o.backend.precision == compute.BFloat16 {
		C.native_attention16_backward(o.engine, matrix(dq), matrix(dk), matrix(dv), matrix(dOut), matrix(out),
			matrix(logSum), matrix(q), matrix(k), matrix(v), unsafe.SliceData(o.spans), C.int(len(spans)), shape(heads))

		return
	}

	C.native_attention_backward(o.engine, matrix(dq), matrix(dk), matrix(dv), matrix(dOut), matrix(out),
		matrix(logSum), matrix(q), matrix(k), matrix(v), unsafe.SliceData(o.spans), C.int(len(spans)), shape(heads))
}

// setSpans keeps the spans in C's layout.
func (o *ops) setSpans(spans []compute.Span) {
	o.spans = o.spans[:0]
	for _, s := range spans {
		o.spans = append(o.spans, C.span{
			query: C.int(s.Query), queries: C.int(s.Queries), key: C.int(s.Key), keys: C.int(s.Keys),
			prefix: C.int(s.Prefix), prefixed: C.int(s.Prefixed),
		})
	}
}

func shape(h compute.Heads) C.heads {
	return C.heads{query: C.int(h.Query), key_value: C.int(h.KeyValue), dim: C.int(h.Dim), window: C.int(h.Window)}
}
