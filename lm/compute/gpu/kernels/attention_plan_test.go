//go:build linux

package kernels_test

import (
	"testing"

	"github.com/grokputer/grokputer/lm/compute/gpu/kernels"
)

// Plans have every row of a span in one block, or in blocks that share its keys without a gap, and every key of a span in one visit.
func TestPlans(t *testing.T) {
	t.Parallel()

	for _, c := range attentionCases {
		for _, busy := range []int{0, c.busy, 96} {
			checkRows(t, c, kernels.PlanAttention(c.spans, c.heads, busy))
		}

		checkKeys(t, c, kernels.PlanKeys(c.spans, c.keys))
	}
}

// checkRows counts how often each row sees each key that it is to see.
func checkRows(t *testing.T, c attentionCase, p kernels.AttentionPlan) {
	t.Helper()

	type pair struct{ span, row, key int }

	seen := map[pair]int{}
	group := c.heads.Query / c.heads.KeyValue
	slots := 0

	for i := 0; i < len(p.Blocks); i += 5 {
		b := p.Blocks[i : i+5]
		if b[4] >= 0 {
			slots++
		}

		for row := int(b[1]); row < min(int(b[1])+64, c.spans[b[0]].Queries*group); row++ {
			for key := int(b[2]); key < int(b[3]); key++ {
				seen[pair{int(b[0]), row, key}]++
			}
		}
	}

	if slots != p.Slots {
		t.Errorf("%s: %d blocks have slots, want %d", c.name, slots, p.Slots)
	}

	for i, s := range c.spans {
		for row := range s.Queries * group {
			end := s.Prefixed + s.Keys - s.Queries + row/group + 1
			first := 0

			if c.heads.Window > 0 {
				first = max(0, end-c.heads.Window)
			}

			for key := first; key < end; key++ {
				if n := seen[pair{i, row, key}]; n != 1 {
					t.Fatalf("%s: row %d of span %d sees key %d %d times", c.name, row, i, key, n)
				}
			}
		}
	}
}

// checkKeys counts how often each row of keys is written, and how often it is visited as which key.
func checkKeys(t *testing.T, c attentionCase, p kernels.KeysPlan) {
	t.Helper()

	type pair struct{ span, key int }

	written := make([]int, c.keys)
	visited := map[pair]int{}

	for i := 0; i < len(p.Blocks); i += 4 {
		b := p.Blocks[i : i+4]
		for j := range b[1] {
			written[b[0]+j]++

			before := -1
			for v := b[2]; v < b[2]+b[3]; v++ {
				span, key := int(p.Visits[2*v]), int(p.Visits[2*v+1]+j)
				visited[pair{span, key}]++

				if s := c.spans[span]; span <= before || rowOf(s.Prefix, s.Prefixed, s.Key, key) != int(b[0]+j) {
					t.Errorf("%s: row %d is visited as key %d of span %d, after span %d", c.name, b[0]+j, key, span, before)
				}

				before = span
			}
		}
	}

	for row, n := range written {
		if n != 1 {
			t.Errorf("%s: row %d is written %d times", c.name, row, n)
		}
	}

	for i, s := range c.spans {
		for key := range s.Prefixed + s.Keys {
			if n := visited[pair{i, key}]; n != 1 {
				t.Errorf("%s: key %d of span %d is visited %d times", c.name, key, i, n)
			}
		}
	}
}

func rowOf(prefix, prefixed, own, key int) int {
	if key < prefixed {
		return prefix + key
	}

	return own + key - prefixed
}
