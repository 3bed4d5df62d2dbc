// Package blank holds operations that do nothing. A backend's meter embeds them and has its own for those that
// take memory.
package blank

import "github.com/grokputer/grokputer/lm/compute"

// Ops has the operations of compute.Ops that take no memory of a device, apart from Err and those for scratch.
type Ops struct{}

func (Ops) Write(compute.Tensor, []float32)                                           {}
func (Ops) Read([]float32, compute.Tensor)                                            {}
func (Ops) Copy(_, _ compute.Tensor)                                                  {}
func (Ops) Zero(compute.Tensor)                                                       {}
func (Ops) Gather(_, _ compute.Tensor, _ []int32)                                     {}
func (Ops) Scatter(_, _ compute.Tensor, _ []int32)                                    {}
func (Ops) Embed(compute.Tensor, compute.Weight, []int32)                             {}
func (Ops) Norm(_, _, _ compute.Tensor, _ float32)                                    {}
func (Ops) NormBackward(_, _, _, _ compute.Tensor, _ float32)                         {}
func (Ops) NormHeads(_, _, _ compute.Tensor, _ float32)                               {}
func (Ops) NormHeadsBackward(_, _, _, _ compute.Tensor, _ float32)                    {}
func (Ops) AddBias(_, _ compute.Tensor)                                               {}
func (Ops) Rotate(compute.Tensor, int, []int32, compute.Tensor, bool)                 {}
func (Ops) SwiGLU(_, _ compute.Tensor)                                                {}
func (Ops) SwiGLUBackward(_, _, _ compute.Tensor)                                     {}
func (Ops) Attention(_, _, _, _, _ compute.Tensor, _ []compute.Span, _ compute.Heads) {}
func (Ops) AttentionBackward(_, _, _, _, _, _, _, _, _ compute.Tensor, _ []compute.Span, _ compute.Heads) {
}
func (Ops) LowRank(_, _ compute.Tensor, _ []compute.LowRank) {}
func (Ops) ScaleRows(compute.Tensor, []float32)              {}
