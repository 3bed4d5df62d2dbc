package cpu

// #include "native.h"
import "C"

import (
	"fmt"
	"strings"
)

// ISA names a set of kernels.
type ISA int

// The kernel sets, worst first. The numbers after Auto are native.h's plus one.
const (
	Auto ISA = iota
	Generic
	AVX2
	AVX512
	AVX512BF16 // with products of bfloat16 and of bytes
	AMX        // with matrix tiles
)

// String returns the name that Backend.Name shows.
func (i ISA) String() string {
	switch i {
	case Auto:
		return "auto"
	case Generic:
		return "generic"
	case AVX2:
		return "avx2"
	case AVX512:
		return "avx512"
	case AVX512BF16:
		return "avx512-bf16"
	case AMX:
		return "amx"
	default:
		return fmt.Sprintf("ISA(%d)", int(i))
	}
}

// MarshalText returns the name.
func (i ISA) MarshalText() ([]byte, error) {
	if i < Auto || i > AMX {
		return nil, fmt.Errorf("%w: ISA is %v", ErrOption, i)
	}

	return []byte(i.String()), nil
}

// UnmarshalText takes a name, such as avx2.
func (i *ISA) UnmarshalText(name []byte) error {
	var names []string

	for *i = Auto; *i <= AMX; *i++ {
		if i.String() == string(name) {
			return nil
		}

		names = append(names, i.String())
	}

	*i = Auto

	return fmt.Errorf("%w: there is no instruction set %q, want one of %s", ErrOption, name, strings.Join(names, ", "))
}

// native returns native.h's number.
func (i ISA) native() C.int { return C.int(i - Generic) }

// resolve returns the set to use.
func (i ISA) resolve() (ISA, error) {
	best := Generic + ISA(C.native_isa())

	switch {
	case i == Auto:
		return best, nil
	case i < Auto || i > AMX:
		return i, fmt.Errorf("%w: ISA is %v", ErrOption, i)
	case i > best:
		return i, fmt.Errorf("%w: ISA is %v, this processor has %v", ErrOption, i, best)
	default:
		return i, nil
	}
}
