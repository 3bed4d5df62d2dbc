package kernels

import (
	"github.com/grokputer/grokputer/lm/compute"
)

// Mask is a dropout mask, see compute.Dropout. What is kept is multiplied by Keep.
type Mask struct {
	Key                    [2]uint32
	Stream, Threshold, Row uint32
	Keep                   float32
}

// MaskOf returns the mask of an adapter, and whether it drops anything. What is kept is divided by the exact probability of
// being kept, which the 16-bit threshold rounds.
func MaskOf(d compute.Dropout, stream uint32) (m Mask, drops bool) {
	const draws = 1 << 16

	threshold := uint32(d.Rate*draws + 0.5)
	if threshold == 0 {
		return Mask{Keep: 1}, false
	}

	return Mask{
		Key:       [2]uint32{uint32(d.Seed), uint32(d.Seed >> 32)},
		Stream:    stream,
		Threshold: threshold,
		Row:       uint32(d.Row),
		Keep:      draws / float32(draws-threshold),
	}, true
}

// Dropout sets Dst to what the mask leaves of Src or, if Add is 1, adds it. Dst may be Src. Mask.Row is the number of the first row.
type Dropout struct {
	Dst, Src View
	Mask     Mask
	Add      int32
	_        int32
}

// Call returns the launch.
func (k *Dropout) Call() Call {
	return elementwise("dropout", k.Dst.Rows, k.Dst.Cols, k)
}
