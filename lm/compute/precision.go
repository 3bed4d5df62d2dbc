package compute

import "fmt"

// Precision is that of the operands in products of many rows. Sums, and everything else, are in float32.
type Precision int

const (
	// Fast is the narrowest that the device multiplies faster, and else Float32.
	Fast Precision = iota
	// Float32 is what reference values are made with.
	Float32
	// BFloat16 is refused by devices without instructions for it.
	BFloat16
)

// String returns the name that Backend.Name shows.
func (p Precision) String() string {
	switch p {
	case Fast:
		return "fast"
	case Float32:
		return "float32"
	case BFloat16:
		return "bfloat16"
	default:
		return fmt.Sprintf("Precision(%d)", int(p))
	}
}
