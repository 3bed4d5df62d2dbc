// Package half converts between float32 and the two 16-bit float formats in which weights are stored:
// IEEE 754 binary16 ("F16") and bfloat16 ("BF16", the upper half of a binary32).
package half

import "math"

// Float16 returns the value of the binary16 number whose bits are given. The conversion is exact:
// subnormals, infinities and NaN (with its payload) included.
func Float16(bits uint16) float32 {
	sign := uint32(bits>>15) << 31
	exponent := uint32(bits>>10) & 0x1f
	fraction := uint32(bits) & 0x3ff

	switch exponent {
	case 0: // zero and subnormals: fraction * 2^-24, exact in binary32
		magnitude := math.Float32bits(float32(fraction) * 0x1p-24)

		return math.Float32frombits(sign | magnitude)
	case 0x1f: // infinity and NaN
		return math.Float32frombits(sign | 0xff<<23 | fraction<<13)
	default: // the exponent bias goes from 15 to 127
		return math.Float32frombits(sign | (exponent+112)<<23 | fraction<<13)
	}
}

// ToFloat16 returns the bits of the binary16 number nearest to x, ties to even. What is too large
// becomes an infinity; NaN stays a NaN.
func ToFloat16(x float32) uint16 {
	bits := math.Float32bits(x)
	sign := uint16(bits >> 16 & 0x8000)
	magnitude := bits &^ (1 << 31)

	switch {
	case magnitude > 0xff<<23: // NaN: keep the top of the payload and set the quiet bit
		return sign | 0x7e00 | uint16(magnitude>>13&0x3ff)
	case magnitude >= 0x477ff000: // 65520, half way between the largest binary16 and the next step
		return sign | 0x7c00
	case magnitude < 113<<23: // below 2^-14: subnormal, a multiple of 2^-24
		// Adding 0.5 puts the sum in [0.5, 1), whose unit in the last place is 2^-24, so that the
		// addition itself rounds to nearest even.
		sum := math.Float32frombits(magnitude) + 0.5

		return sign | uint16(math.Float32bits(sum)-math.Float32bits(0.5))
	default:
		rounded := magnitude + 0xfff + magnitude>>13&1

		return sign | uint16(rounded>>13-112<<10)
	}
}

// BFloat16 returns the value of the bfloat16 number whose bits are given.
func BFloat16(bits uint16) float32 {
	return math.Float32frombits(uint32(bits) << 16)
}

// ToBFloat16 returns the bits of the bfloat16 number nearest to x, ties to even; NaN stays a NaN.
func ToBFloat16(x float32) uint16 {
	bits := math.Float32bits(x)
	if bits&^(1<<31) > 0xff<<23 { // rounding could turn a NaN's payload into an infinity
		return uint16(bits>>16) | 0x40
	}

	return uint16((bits + 0x7fff + bits>>16&1) >> 16)
}
