package gguf

// The decoders of 256-weight "K" blocks, which hold a scale (and for some a minimum) for each group of
// 16 or 32 weights; see block.go for the sources.

// groupScale unpacks the 6-bit scale and minimum of group j (0 to 7) from the 12 bytes of a Q4_K or
// Q5_K block (get_scale_min_k4).
func groupScale(packed []byte, j int) (scale, minimum float32) {
	if j < 4 {
		return float32(packed[j] & 63), float32(packed[j+4] & 63)
	}

	return float32(packed[j+4]&0x0f | packed[j-4]>>6<<4), float32(packed[j+4]>>4 | packed[j]>>6<<4)
}

// decodeQ4K: {d, dmin, 12 bytes of scales and minima, 128 bytes of codes}, w = d s q - dmin m. Each 32
// bytes of codes hold two groups of 32 weights, the first in the low bits.
func decodeQ4K(dst []float32, block []byte) {
	d, dmin := float16At(block, 0), float16At(block, 2)
	packed, codes := block[4:16], block[16:144]

	for group := range 8 {
		scale, minimum := groupScale(packed, group)
		scale, minimum = d*scale, dmin*minimum
		shift := group % 2 * 4

		for l := range 32 {
			q := codes[group/2*32+l] >> shift & 0x0f
			dst[group*32+l] = float32(scale*float32(q)) - minimum
		}
	}
}

// decodeQ5K: {d, dmin, 12 bytes of scales and minima, 32 bytes of fifth bits, 128 bytes of codes},
// w = d s q - dmin m. Bit g of fifth-bit byte l belongs to weight l of group g.
func decodeQ5K(dst []float32, block []byte) {
	d, dmin := float16At(block, 0), float16At(block, 2)
	packed, fifth, codes := block[4:16], block[16:48], block[48:176]

	for group := range 8 {
		scale, minimum := groupScale(packed, group)
		scale, minimum = d*scale, dmin*minimum
		shift := group % 2 * 4

		for l := range 32 {
			q := codes[group/2*32+l]>>shift&0x0f | fifth[l]>>group&1<<4
			dst[group*32+l] = float32(scale*float32(q)) - minimum
		}
	}
}

// decodeQ6K: {128 bytes of low four bits, 64 bytes of high two bits, 16 signed scales, d},
// w = d s (q - 32). Each half of 128 weights is four runs of 32: runs 0 and 1 are the low bits of the
// half's first and second 32 bytes, runs 2 and 3 the high bits; run k takes its top bits from bits 2k
// and 2k+1. Scales are for 16 weights.
func decodeQ6K(dst []float32, block []byte) {
	low, high, scales := block[:128], block[128:192], block[192:208]
	d := float16At(block, 208)

	for part := range 2 {
		for run := range 4 {
			for l := range 32 {
				q := low[part*64+run%2*32+l]>>(run/2*4)&0x0f | high[part*32+l]>>(2*run)&3<<4
				scale := d * float32(int8(scales[part*8+run*2+l/16]))
				dst[part*128+run*32+l] = scale * float32(int(q)-32)
			}
		}
	}
}
