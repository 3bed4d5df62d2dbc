package cpu_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/compute/cpu"
	"github.com/grokputer/grokputer/lm/gguf"
)

// Some rows of a weight give what all give, in every form that a weight can have.
func TestLinearRows(t *testing.T) {
	onEach(t, func(b bench) {
		values := plain(b.operand(2100, 96, 1))
		q40, _ := b.quantised(gguf.Q4_0, 33, 96)
		q41, _ := b.quantised(gguf.Q4_1, 70, 96)
		q80, _ := b.quantised(gguf.Q8_0, 18, 96)
		head, _ := b.quantised(gguf.Q8_0, 2100, 64)

		for _, w := range []struct {
			name   string
			parts  []gguf.Tensor
			blocks bool
		}{
			{"f32", []gguf.Tensor{values}, false},
			{"blocks", []gguf.Tensor{q40, q41, q80}, true},
			{"mixed", []gguf.Tensor{q41, values}, false},
			{"head", []gguf.Tensor{head}, true},
		} {
			weight := b.load(w.parts...)
			n := weight.Outputs()

			for name, rows := range map[string][]int32{
				"first": {0}, "last": {int32(n - 1)}, "neighbours": {17, 16, 15, 14}, "twice": {40, 3, 40}, "over parts": {32, 33, 102, 103},
				"all": b.rows(n, n), "some": b.rows(n/9, n), "none": {},
			} {
				for _, tokens := range []int{1, 3, 4, 7, 40} {
					tolerance := 1e-6
					if b.rounded || w.blocks && tokens <= 4 {
						tolerance = 0
					}

					b.sameRows(fmt.Sprintf("%s, %s, %d tokens", w.name, name, tokens), weight, rows, tokens, tolerance)
				}
			}
		}
	})
}

// sameRows compares LinearRows with Linear, within tolerance relative to the largest result.
func (b bench) sameRows(what string, w compute.Weight, rows []int32, tokens int, tolerance float64) {
	b.Helper()

	x := b.tensor(b.operand(tokens, w.Inputs(), 1))
	all, some := b.room(tokens, w.Outputs()), b.room(tokens, len(rows))
	b.ops.Linear(all, x, w, nil, compute.LinearCall{})
	b.ops.LinearRows(some, x, w, rows)

	want, got := make([]float32, tokens*w.Outputs()), make([]float32, tokens*len(rows))
	b.ops.Read(want, all)
	b.ops.Read(got, some)

	largest := 0.0
	for _, v := range want {
		largest = max(largest, math.Abs(float64(v)))
	}

	for i := range got {
		token, row := i/len(rows), rows[i%len(rows)]

		v := want[token*w.Outputs()+int(row)]
		if !(math.Abs(float64(got[i]-v)) <= tolerance*largest) {
			b.Errorf("%s: row %d of token %d is %g, among all rows %g", what, row, token, got[i], v)

			return
		}
	}
}

// rows draws n of so many rows, each at most once.
func (b bench) rows(n, of int) []int32 {
	rows := make([]int32, 0, n)
	for _, row := range b.random.Perm(of)[:n] {
		rows = append(rows, int32(row))
	}

	return rows
}

func TestLinearRowsRefuses(t *testing.T) {
	t.Parallel()

	backend := open(t, cpu.Options{})

	for _, row := range []int32{-1, 16} {
		err := backend.Run(t.Context(), func(o compute.Ops) error {
			w, err := backend.Load(plain(newGrid(16, 32)))
			if err != nil {
				return err
			}

			o.LinearRows(o.Scratch(1, 1), o.Scratch(1, 32), w, []int32{row})

			return nil
		})
		if err == nil || !strings.Contains(err.Error(), "rows") {
			t.Errorf("row %d of 16: %v", row, err)
		}
	}
}
