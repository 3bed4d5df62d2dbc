//go:build linux

package standin_test

import (
	"fmt"
	"testing"

	"github.com/grokputer/grokputer/lm/compute/gpu/standin"
)

// BenchmarkSwitch is what a lane costs at a barrier, in a shuffle, and when it needs neither.
func BenchmarkSwitch(b *testing.B) {
	_, program := checks(b, standin.Options{})
	for _, c := range []struct {
		kernel          string
		lanes, switches int
	}{
		{"scan", 64, 2*6 + 1},
		{"scan", 256, 2*8 + 1},
		{"scan", 1024, 2*10 + 1},
		{"wave_sums", 64, 5},
		{"wave_sums", 1024, 5},
		{"for_few", 64, 1},
	} {
		b.Run(fmt.Sprintf("%s/%d", c.kernel, c.lanes), func(b *testing.B) {
			in, out := counted(1024), make([]float32, 1024)
			for b.Loop() {
				if err := launch(program, c.kernel, [3]uint32{1, 1, 1}, uint32(c.lanes), 0, &job{out: &out[0], in: &in[0]}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*c.lanes*c.switches), "ns/switch")
		})
	}
}
