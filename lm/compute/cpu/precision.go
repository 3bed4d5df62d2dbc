package cpu

import (
	"fmt"

	"github.com/grokputer/grokputer/lm/compute"
)

// precisionOf returns the precision to use with an instruction set.
func precisionOf(p compute.Precision, isa ISA) (compute.Precision, error) {
	has := isa >= AVX512BF16

	switch {
	case p == compute.Fast && has:
		return compute.BFloat16, nil
	case p == compute.Fast:
		return compute.Float32, nil
	case p < compute.Fast || p > compute.BFloat16:
		return p, fmt.Errorf("%w: Precision is %v", ErrOption, p)
	case p == compute.BFloat16 && !has:
		return p, fmt.Errorf("%w: Precision is %v, %v has no products of it", ErrOption, p, isa)
	default:
		return p, nil
	}
}
