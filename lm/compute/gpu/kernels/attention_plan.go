package kernels

import (
	"slices"

	"github.com/grokputer/grokputer/lm/compute"
)

const (
	// attentionRows is ATTENTION_ROWS: how many rows, pairs of a query and a head of its group, a block has.
	attentionRows = 64

	// fewestKeys is how many keys a block of few rows has at least, where keys are parted.
	fewestKeys = 128
)

// AttentionPlan says what each block of Attention, AttentionQueries and AttentionJoin does. The slices are for int32 arrays on the card.
type AttentionPlan struct {
	Spans  []int32 // six numbers each, as in compute.Span
	Blocks []int32 // five numbers each: span, first row, keys from, keys to, slot or -1
	Joined []int32 // four numbers each: span, first row, first slot, slots
	Slots  int     // of Attention.Parts
	Rows   int     // the most rows of one of Joined
}

// PlanAttention parts the rows of all spans into blocks, those with most keys first. Where that gives fewer than busy blocks for a
// key-value head, as in decoding, their keys are parted as well; a backward pass has no use for that and passes 0.
// The plan depends on its arguments alone, so that results of the same call have the same bits.
func PlanAttention(spans []compute.Span, heads compute.Heads, busy int) AttentionPlan {
	p := AttentionPlan{Spans: spanNumbers(spans)}
	group := heads.Query / heads.KeyValue
	blocks := rowBlocks(spans, heads)

	for _, b := range blocks {
		parts := 1
		if room := busy / len(blocks); room > 1 {
			parts = max(1, min(room, (b.to-b.from+fewestKeys-1)/fewestKeys))
		}

		if parts == 1 {
			p.Blocks = append(p.Blocks, int32(b.span), int32(b.row), int32(b.from), int32(b.to), -1)

			continue
		}

		p.Joined = append(p.Joined, int32(b.span), int32(b.row), int32(p.Slots), int32(parts))
		p.Rows = max(p.Rows, min(attentionRows, spans[b.span].Queries*group-b.row))

		for part := range parts {
			from, to := b.from+(b.to-b.from)*part/parts, b.from+(b.to-b.from)*(part+1)/parts
			p.Blocks = append(p.Blocks, int32(b.span), int32(b.row), int32(from), int32(to), int32(p.Slots))
			p.Slots++
		}
	}

	return p
}

// rowBlock is up to attentionRows rows of a span and the keys [from, to) that they see.
type rowBlock struct{ span, row, from, to int }

// rowBlocks returns the blocks of all rows, those with most keys first.
func rowBlocks(spans []compute.Span, heads compute.Heads) []rowBlock {
	var blocks []rowBlock

	group := heads.Query / heads.KeyValue
	for i, s := range spans {
		past := s.Prefixed + s.Keys - s.Queries
		for row := 0; row < s.Queries*group; row += attentionRows {
			first, last := row/group, (min(row+attentionRows, s.Queries*group)-1)/group

			from := 0
			if heads.Window > 0 {
				from = max(0, past+first+1-heads.Window)
			}

			blocks = append(blocks, rowBlock{i, row, from, past + last + 1})
		}
	}

	slices.SortStableFunc(blocks, func(a, b rowBlock) int { return (b.to - b.from) - (a.to - a.from) })

	return blocks
}

// KeysPlan says what each block of AttentionKeys does.
type KeysPlan struct {
	Blocks []int32 // four numbers each: first row, rows, first visit, visits
	Visits []int32 // two numbers each: span, its key that is the block's first row
}

// PlanKeys parts the rows of keys into blocks that belong to the same spans. A row that is a key of several, as that of a prefix is,
// gets their contributions in the spans' order; one that is of none gets zeros.
func PlanKeys(spans []compute.Span, rows int) KeysPlan {
	var p KeysPlan

	pieces := keyPieces(spans)
	cuts := []int{0, rows}

	for _, k := range pieces {
		cuts = append(cuts, k.row, k.row+k.rows)
	}

	slices.Sort(cuts)
	cuts = slices.Compact(cuts)

	for i, from := range cuts[:len(cuts)-1] {
		var here []keyPiece

		for _, k := range pieces {
			if k.row <= from && from < k.row+k.rows {
				here = append(here, k)
			}
		}

		for row := from; row < cuts[i+1]; row += attentionRows {
			p.Blocks = append(p.Blocks, int32(row), int32(min(attentionRows, cuts[i+1]-row)), int32(len(p.Visits)/2), int32(len(here)))
			for _, k := range here {
				p.Visits = append(p.Visits, int32(k.span), int32(k.key+row-k.row))
			}
		}
	}

	return p
}

// keyPiece is rows of keys that are keys of a span, one after the other from key on.
type keyPiece struct{ span, key, row, rows int }

func keyPieces(spans []compute.Span) []keyPiece {
	var pieces []keyPiece

	for i, s := range spans {
		if s.Prefixed > 0 {
			pieces = append(pieces, keyPiece{i, 0, s.Prefix, s.Prefixed})
		}

		if s.Keys > 0 {
			pieces = append(pieces, keyPiece{i, s.Prefixed, s.Key, s.Keys})
		}
	}

	return pieces
}

func spanNumbers(spans []compute.Span) []int32 {
	var n []int32
	for _, s := range spans {
		n = append(n, int32(s.Query), int32(s.Queries), int32(s.Key), int32(s.Keys), int32(s.Prefix), int32(s.Prefixed))
	}

	return n
}
