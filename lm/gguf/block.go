package gguf

import (
	"encoding/binary"

	"github.com/grokputer/grokputer/lm/gguf/half"
)

// The decoders of 32-weight blocks. Each follows dequantize_row_* of llama.cpp's ggml-quants.c; the
// block structures are those of ggml-common.h. d is the block's scale, m its minimum, both F16; in a
// byte of codes the low four bits belong to weight j and the high four to weight j+16.
//
// Products are rounded to float32 by a conversion before anything is added, so that no machine fuses
// multiplication and addition and every machine gives the same bits.

func float16At(block []byte, offset int) float32 {
	return half.Float16(binary.LittleEndian.Uint16(block[offset:]))
}

// decodeQ4_0: {d, 16 bytes of codes}, w = d (q - 8).
func decodeQ4_0(dst []float32, block []byte) {
	d := float16At(block, 0)
	for j, codes := range block[2:18] {
		dst[j] = d * float32(int(codes&0x0f)-8)
		dst[j+16] = d * float32(int(codes>>4)-8)
	}
}

// decodeQ4_1: {d, m, 16 bytes of codes}, w = d q + m.
func decodeQ4_1(dst []float32, block []byte) {
	d, m := float16At(block, 0), float16At(block, 2)
	for j, codes := range block[4:20] {
		dst[j] = float32(d*float32(codes&0x0f)) + m
		dst[j+16] = float32(d*float32(codes>>4)) + m
	}
}

// decodeQ5_0: {d, 32 fifth bits, 16 bytes of codes}, w = d (q - 16).
func decodeQ5_0(dst []float32, block []byte) {
	d := float16At(block, 0)
	fifth := binary.LittleEndian.Uint32(block[2:])

	for j, codes := range block[6:22] {
		dst[j] = d * float32(int(codes&0x0f|fifthBit(fifth, j))-16)
		dst[j+16] = d * float32(int(codes>>4|fifthBit(fifth, j+16))-16)
	}
}

// decodeQ5_1: {d, m, 32 fifth bits, 16 bytes of codes}, w = d q + m.
func decodeQ5_1(dst []float32, block []byte) {
	d, m := float16At(block, 0), float16At(block, 2)
	fifth := binary.LittleEndian.Uint32(block[4:])

	for j, codes := range block[8:24] {
		dst[j] = float32(d*float32(codes&0x0f|fifthBit(fifth, j))) + m
		dst[j+16] = float32(d*float32(codes>>4|fifthBit(fifth, j+16))) + m
	}
}

// fifthBit returns bit j of bits at the place of a code's fifth bit.
func fifthBit(bits uint32, j int) byte {
	return byte(bits>>j&1) << 4
}

// decodeQ8_0: {d, 32 signed codes}, w = d q.
func decodeQ8_0(dst []float32, block []byte) {
	d := float16At(block, 0)
	for j, code := range block[2:34] {
		dst[j] = d * float32(int8(code))
	}
}

// decodeIQ4NL: {d, 16 bytes of codes}, w = d v[q] with the non-linear levels v (kvalues_iq4nl).
func decodeIQ4NL(dst []float32, block []byte) {
	levels := [16]float32{-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113}

	d := float16At(block, 0)
	for j, codes := range block[2:18] {
		dst[j] = d * levels[codes&0x0f]
		dst[j+16] = d * levels[codes>>4]
	}
}
