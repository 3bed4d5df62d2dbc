package model

import "github.com/grokputer/grokputer/lm/compute"

// dropout says where in the batch a part's rows lie, so that masks do not depend on how the batch is
// parted.
type dropout struct {
	off         bool
	seed        uint64
	first       int // rows before this part
	firstWanted int // rows with a label before it: what the last layer's second half counts
}

// dropoutOf returns the dropout of a stacked layer's adapters: none unless gradients are computed.
func (p *pass) dropoutOf(layer int, g group) compute.Dropout {
	if !p.training() || p.dropout.off {
		return compute.Dropout{}
	}

	d := compute.Dropout{Rate: p.adapter.Config.Dropout, Seed: p.dropout.seed, Row: p.dropout.first}
	if p.last(layer) && g != groupQKV {
		d.Row = p.dropout.firstWanted
	}

	return d
}
