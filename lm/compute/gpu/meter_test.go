//go:build linux

package gpu_test

import (
	"slices"
	"testing"

	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/compute/gpu/driver"
	"github.com/grokputer/grokputer/lm/lmtest"
	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/lm/model"
)

// What is foreseen is what is taken.
func TestForesees(t *testing.T) {
	t.Parallel()

	for _, recompute := range []bool{false, true} {
		b := standIn(t, driver.HIP, compute.Fast)

		m, err := model.Open(t.Context(), lmtest.TinyModel(t, 1024), model.Options{Backend: b})
		if err != nil {
			t.Fatal(err)
		}

		config := lora.DefaultConfig()
		config.Dropout = 0.1

		adapter, err := lora.New(config, m.Config().Dims(), 1)
		if err != nil {
			t.Fatal(err)
		}

		batch := model.Batch{Starts: []int{0, 100, 300}, Recompute: recompute}
		for i := range 400 {
			batch.Tokens = append(batch.Tokens, int32(i%200))
			batch.Labels = append(batch.Labels, int32(i%201))
		}

		gradients := func(m *model.Model) error {
			_, _, err := m.Gradients(t.Context(), batch, adapter, lora.ZerosLike(adapter))

			return err
		}

		want, err := m.Foresee(false, func(m *model.Model) error {
			start := adapter.Clone()
			_, _, err := m.Gradients(t.Context(), batch, adapter, adapter)

			for p := range adapter.Params() {
				for q := range start.Params() {
					if p.String() == q.String() && !slices.Equal(p.Data, q.Data) {
						t.Errorf("%v was written to", p)
					}
				}
			}

			return err
		})
		if err != nil {
			t.Fatal(err)
		}

		for range 2 { // the second time all scratch is one piece, which stays
			if err := gradients(m); err != nil {
				t.Fatal(err)
			}
		}

		foreseen, taken := want.Kept+want.Scratch, b.Held()
		if foreseen < taken*9/10 || foreseen > taken*2 {
			t.Errorf("recompute %t: %d bytes were taken, %d foreseen", recompute, taken, foreseen)
		}

		if want.Weights == 0 {
			t.Error("weights take nothing")
		}

		if err := m.Close(); err != nil {
			t.Error(err)
		}
	}
}
