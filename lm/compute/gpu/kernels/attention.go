package kernels

import (
	"math"
	"strconv"
	"unsafe"

	"github.com/grokputer/grokputer/lm/compute"
)

// attentionLanes is ATTENTION_LANES.
const attentionLanes = 128

// AttentionRows is how many rows a block of Attention has, and each slot of Parts for a key-value head.
const AttentionRows = attentionRows

// AttentionShape is attention_shape in attention.cu.
type AttentionShape struct {
	Group, Dim, Window int32
	Scale              float32
}

// ShapeOf returns the shape of heads. Dim may be up to 256.
func ShapeOf(h compute.Heads) AttentionShape {
	return AttentionShape{
		Group: int32(h.Query / h.KeyValue), Dim: int32(h.Dim), Window: int32(h.Window), Scale: float32(1 / math.Sqrt(float64(h.Dim))),
	}
}

// groups returns the number of key-value heads in a matrix of keys.
func (s AttentionShape) groups(k View) uint32 { return uint32(k.Cols / s.Dim) }

// name returns the kernel for the shape: the one with the next larger dim, or the one that does not round to bfloat16. Only that one takes
// dims that are no multiple of 8, and views that do not begin at multiples of 16 bytes or whose strides are no multiples of 8 elements.
func (s AttentionShape) name(kernel string, exact bool) string {
	if exact {
		return kernel + "_exact"
	}

	dim := 64
	for dim < int(s.Dim) {
		dim *= 2
	}

	return kernel + "_" + strconv.Itoa(dim)
}

// Attention sets Out [queries, heads·dim] and, if it has data, LogSum [queries, heads]; see compute.AttentionOps. Spans and Blocks are
// those of a plan; where that has slots, Parts is [Slots·key-value heads·64, dim+2] in float32, and AttentionJoin has to follow.
type Attention struct {
	Out, LogSum, Q, K, V View
	Parts                View
	Spans, Blocks        unsafe.Pointer
	Shape                AttentionShape
}

// Call returns the launch for so many blocks. An exact one does not round operands to bfloat16.
func (k *Attention) Call(blocks int, exact bool) Call {
	return launch(k.Shape.name("attention", exact), uint32(blocks), k.Shape.groups(k.K), attentionLanes, k)
}

// AttentionJoin sets the rows of Out and LogSum whose keys were parted.
type AttentionJoin struct {
	Out, LogSum, Parts View
	Spans, Joined      unsafe.Pointer
	Shape              AttentionShape
}

// Call returns the launch for so many entries of Joined, with at most so many rows each, and so many key-value heads.
func (k *AttentionJoin) Call(joined, rows, groups int) Call {
	call := launch("attention_join", uint32(joined), uint32(groups), attentionLanes, k)
	call.Grid[2] = uint32(rows)

	return call
}

// AttentionDelta sets Delta [queries, heads] to the sums of dOut∘out over each head, which both other kernels of the backward pass need.
type AttentionDelta struct {
	Delta, DOut, Out View
	Heads, Dim       int32
}

// Call returns the launch.
func (k *AttentionDelta) Call() Call {
	return launch("attention_delta", uint32(k.Out.Rows), 1, attentionLanes, k)
}

// AttentionQueries sets the rows of DQ that are queries of spans. Spans and Blocks are those of a plan without slots.
type AttentionQueries struct {
	DQ, DOut, LogSum, Delta, Q, K, V View
	Spans, Blocks                    unsafe.Pointer
	Shape                            AttentionShape
}

// Call returns the launch for so many blocks. An exact one does not round operands to bfloat16.
func (k *AttentionQueries) Call(blocks int, exact bool) Call {
	return launch(k.Shape.name("attention_queries", exact), uint32(blocks), k.Shape.groups(k.K), attentionLanes, k)
}

// AttentionKeys sets all rows of DK and DV, to 0 where they are keys of no span. Blocks and Visits are those of a KeysPlan.
type AttentionKeys struct {
	DK, DV, DOut, LogSum, Delta, Q, K, V View
	Spans, Blocks, Visits                unsafe.Pointer
	Shape                                AttentionShape
}

// Call returns the launch for so many blocks. An exact one does not round operands to bfloat16. Heads with a dim above 128 are done in two halves.
func (k *AttentionKeys) Call(blocks int, exact bool) Call {
	halves := uint32(1)
	if k.Shape.Dim > 128 && !exact {
		halves = 2
	}

	call := launch(k.Shape.name("attention_keys", exact), uint32(blocks), k.Shape.groups(k.K), attentionLanes, k)
	call.Grid[2] = halves

	return call
}
