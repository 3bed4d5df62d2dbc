package kernels_test

import (
	"testing"

	"github.com/grokputer/grokputer/lm/compute/gpu/kernels"
	"github.com/grokputer/grokputer/lm/gguf"
)

// calls returns a launch of each kernel for matrices of that shape, and for weights of all types.
func calls(rows, cols int32) []kernels.Call {
	v := kernels.View{Rows: rows, Cols: cols, Stride: int64(cols)}
	heads, half := kernels.View{Rows: rows, Cols: cols / 128 * 128}, kernels.View{Rows: rows, Cols: cols / 2}
	all := []kernels.Call{
		(&kernels.Copy{Dst: v, Src: v}).Call(),
		(&kernels.Fill{Dst: v}).Call(),
		(&kernels.ScaleRows{X: v}).Call(),
		(&kernels.AddBias{X: v}).Call(),
		(&kernels.Gather{Dst: v, Src: v}).Call(),
		(&kernels.Scatter{Dst: v, Src: v}).Call(),
		(&kernels.Norm{Dst: v, X: v}).Call(),
		(&kernels.NormBackward{DX: v, DY: v, X: v}).Call(),
		(&kernels.NormHeads{Dst: heads, X: heads, Dim: 128}).Call(),
		(&kernels.NormHeadsBackward{DX: heads, DY: heads, X: heads, Dim: 128}).Call(),
		(&kernels.SwiGLU{Dst: half, X: v}).Call(),
		(&kernels.SwiGLUBackward{DX: v, DY: half, X: v}).Call(),
		(&kernels.Rotate{X: heads, Dim: 128}).Call(),
		(&kernels.Dropout{Dst: v, Src: v}).Call(),
		(&kernels.Dequantize{Dst: v, W: kernels.Stored{Rows: rows, Cols: cols}}).Call(),
		(&kernels.LowRankDown{Hidden: v, X: kernels.View{Rows: kernels.MostFewRows, Cols: cols}}).Call(),
		(&kernels.LowRankUp{Y: kernels.View{Rows: kernels.MostFewRows, Cols: cols}}).Call(),
		(&kernels.Choose{Logits: v}).Call(),
		(&kernels.LogSoftmax{Dst: v, Logits: v}).Call(),
		(&kernels.Loss{Logits: v}).Call(),
		(&kernels.AdamW{X: v, G: v, M: v, V: v}).Call(),
		(&kernels.SquareSum{X: v}).Call(),
		(&kernels.TotalSum{}).Call(),
	}

	for _, kind := range []gguf.Type{
		gguf.F32, gguf.F16, gguf.BF16, gguf.Q4_0, gguf.Q4_1, gguf.Q5_0, gguf.Q5_1, gguf.Q8_0, gguf.IQ4_NL, gguf.Q4_K, gguf.Q5_K, gguf.Q6_K, gguf.NF4,
	} {
		for _, few := range []int32{1, kernels.MostFewRows} {
			x := kernels.View{Rows: few, Cols: cols}
			all = append(all, (&kernels.FewRows{X: x, W: kernels.Stored{Rows: rows, Cols: cols}, Outputs: rows, Type: kind}).Call())
		}
	}

	return all
}

// Launches stay inside what every card takes, for matrices larger than any that fits one: lanes are counted in 32 bits.
func TestLaunches(t *testing.T) {
	t.Parallel()

	for _, s := range [][2]int32{{1, 1}, {1, 128}, {1 << 19, 16384}, {8192, 262144}, {262144, 32768}} {
		for _, c := range calls(s[0], max(s[1], 128)) {
			lanes := uint64(c.Grid[0]) * uint64(c.Block)
			if c.Grid[0] < 1 || c.Grid[1] < 1 || c.Grid[2] != 1 || c.Grid[1] > 65535 || lanes >= 1<<32 || c.Block > 1024 || c.Shared > 64<<10 || c.Size > 4096 || c.Args == nil {
				t.Errorf("%v: %+v", s, c)
			}
		}
	}
}
