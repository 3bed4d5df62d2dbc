package half_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/grokputer/grokputer/lm/gguf/half"
)

// value is the definition of binary16, in float64: (-1)^s 2^(e-15) (1 + f/1024), subnormal 2^-14 f/1024.
func value(bits uint16) float64 {
	sign := 1.0
	if bits>>15 == 1 {
		sign = -1
	}

	exponent, fraction := int(bits>>10&0x1f), float64(bits&0x3ff)/1024

	switch {
	case exponent == 0x1f && fraction == 0:
		return math.Inf(int(sign))
	case exponent == 0x1f:
		return math.NaN()
	case exponent == 0:
		return sign * math.Ldexp(fraction, -14)
	default:
		return sign * math.Ldexp(1+fraction, exponent-15)
	}
}

func TestFloat16(t *testing.T) {
	t.Parallel()

	for bits := range 1 << 16 {
		got, want := float64(half.Float16(uint16(bits))), value(uint16(bits))
		if math.IsNaN(want) != math.IsNaN(got) || !math.IsNaN(want) && math.Float64bits(got) != math.Float64bits(want) {
			t.Fatalf("Float16(%#04x) = %g, want %g", bits, got, want)
		}

		back := half.ToFloat16(half.Float16(uint16(bits)))
		if math.IsNaN(want) {
			if !math.IsNaN(value(back)) {
				t.Fatalf("NaN %#04x became %#04x", bits, back)
			}
		} else if back != uint16(bits) {
			t.Fatalf("%#04x came back as %#04x", bits, back)
		}
	}
}

// ToFloat16 rounds to the nearest of all finite binary16 numbers, ties to the even one.
func TestToFloat16Rounds(t *testing.T) {
	t.Parallel()

	for bits := range uint16(0x7bff) { // each pair of neighbours among the non-negative numbers
		low, high := value(bits), value(bits+1)
		middle := (low + high) / 2 // exact in float32: one more bit of fraction

		even := bits + bits&1
		for x, want := range map[float64]uint16{
			middle: even,
			float64(math.Nextafter32(float32(middle), 0)):                    bits,
			float64(math.Nextafter32(float32(middle), float32(math.Inf(1)))): bits + 1,
		} {
			if got := half.ToFloat16(float32(x)); got != want {
				t.Fatalf("ToFloat16(%g) = %#04x, want %#04x", x, got, want)
			}

			if got := half.ToFloat16(float32(-x)); got != want|0x8000 {
				t.Fatalf("ToFloat16(%g) = %#04x, want %#04x", -x, got, want|0x8000)
			}
		}
	}

	for x, want := range map[float32]uint16{65519: 0x7bff, 65520: 0x7c00, 1e38: 0x7c00, 1e-45: 0} {
		if got := half.ToFloat16(x); got != want {
			t.Errorf("ToFloat16(%g) = %#04x, want %#04x", x, got, want)
		}
	}
}

func TestBFloat16(t *testing.T) {
	t.Parallel()

	for bits := range 1 << 16 {
		x := half.BFloat16(uint16(bits))
		if got, want := math.Float32bits(x), uint32(bits)<<16; got != want {
			t.Fatalf("BFloat16(%#04x) has the bits %#08x", bits, got)
		}

		back := half.ToBFloat16(x)
		if math.IsNaN(float64(x)) {
			if !math.IsNaN(float64(half.BFloat16(back))) {
				t.Fatalf("NaN %#04x became %#04x", bits, back)
			}
		} else if back != uint16(bits) {
			t.Fatalf("%#04x came back as %#04x", bits, back)
		}
	}

	random := rand.New(rand.NewPCG(1, 2))

	for range 100_000 {
		x := math.Float32frombits(random.Uint32() &^ (1 << 30)) // finite
		down := math.Float32bits(x) >> 16
		below, above := float64(half.BFloat16(uint16(down))), float64(half.BFloat16(uint16(down+1)))

		want := uint16(down)
		if toBelow, toAbove := math.Abs(float64(x)-below), math.Abs(above-float64(x)); toAbove < toBelow ||
			toAbove == toBelow && down&1 == 1 {
			want++
		}

		if got := half.ToBFloat16(x); got != want {
			t.Fatalf("ToBFloat16(%g) = %#04x, want %#04x", x, got, want)
		}
	}

	for x, want := range map[uint32]uint16{0x3f808000: 0x3f80, 0x3f818000: 0x3f82, 0x7f7fffff: 0x7f80, 0x7f800001: 0x7fc0} {
		if got := half.ToBFloat16(math.Float32frombits(x)); got != want {
			t.Errorf("ToBFloat16 of bits %#08x = %#04x, want %#04x", x, got, want)
		}
	}
}
