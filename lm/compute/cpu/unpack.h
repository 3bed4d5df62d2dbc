// The values of frozen weights: GGUF's types (llama.cpp, ggml-common.h and dequantize_row_* of ggml-quants.c) and
// NF4 as lm/gguf lays it out. The bits are those of lm/gguf's decoders: a scale times a code is exact in float32, so
// that it does not matter where a compiler fuses it with the addition that follows.
#pragma once

#include "blocks.h"
#include "elementwise.h"
#include "tile.h"

// The types' numbers are those of lm/gguf. GROUP_VALUES divides every type's blocks; STRIP values of a few rows
// stay in a core's first cache.
enum {
  TYPE_F32 = 0, TYPE_F16 = 1, TYPE_Q4_0 = 2, TYPE_Q4_1 = 3, TYPE_Q5_0 = 6, TYPE_Q5_1 = 7, TYPE_Q8_0 = 8, TYPE_Q4_K = 12,
  TYPE_Q5_K = 13, TYPE_Q6_K = 14, TYPE_IQ4_NL = 20, TYPE_BF16 = 30, TYPE_NF4 = 0x10000
};
enum { GROUP_VALUES = 32, STRIP = 256 };

INLINE float float_at(const uint8_t *p) {
  float x;
  memcpy(&x, p, sizeof x);
  return x;
}

// levels_of sets 32 values to the levels of codes as nibbles splits them.
INLINE void levels_of(const uint8_t *codes, const float *levels, float factor, float *out) {
#if LANES == 16
  const __m512 table = _mm512_mul_ps(_mm512_loadu_ps(levels), _mm512_set1_ps(factor));
  const __m512i b = _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)codes));
  _mm512_storeu_ps(out, _mm512_permutexvar_ps(b, table));
  _mm512_storeu_ps(out + 16, _mm512_permutexvar_ps(_mm512_srli_epi32(b, 4), table));
#else
  for (int j = 0; j < 16; j++) out[j] = levels[codes[j] & 15] * factor, out[16 + j] = levels[codes[j] >> 4] * factor;
#endif
}

// Each type says how many values and bytes a block has, and unpacks one group of GROUP_VALUES of a block.
template <class F>
struct affine {
  enum { VALUES = BLOCK_VALUES, BYTES = F::BYTES };
  INLINE void unpack(const uint8_t *p, int, float *out) {
    vf v[BLOCK_VALUES / LANES];
    F::unpack(p, v);
    for (int k = 0; k < BLOCK_VALUES / LANES; k++) store(out + k * LANES, v[k] * F::factor(p) + F::offset(p));
  }
};

template <bool OFFSET>
struct q5 {
  enum { VALUES = 32, HEAD = OFFSET ? 4 : 2, BYTES = HEAD + 4 + 16 };
  INLINE void unpack(const uint8_t *p, int, float *out) {
    const float d = half(p), m = OFFSET ? half(p + 2) : -16.0f * d;
    uint32_t fifth;
    memcpy(&fifth, p + HEAD, sizeof fifth);
    for (int j = 0; j < 16; j++) {
      const int code = p[HEAD + 4 + j];
      out[j] = d * (float)((code & 15) | (int)(fifth >> j & 1) << 4) + m;
      out[16 + j] = d * (float)(code >> 4 | (int)(fifth >> (16 + j) & 1) << 4) + m;
    }
  }
};

struct iq4_nl {
  enum { VALUES = 32, BYTES = 18 };
  INLINE void unpack(const uint8_t *p, int, float *out) {
    static const float levels[16] = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};
    levels_of(p + 2, levels, half(p), out);
  }
};

// group_scale returns the 6-bit scale and minimum of a group of a Q4_K or Q5_K block (get_scale_min_k4).
INLINE void group_scale(const uint8_t *p, int g, float *scale, float *minimum) {
  const int s = g < 4 ? p[g] & 63 : (p[g + 4] & 15) | p[g - 4] >> 6 << 4, m = g < 4 ? p[g + 4] & 63 : p[g + 4] >> 4 | p[g] >> 6 << 4;
  *scale = (float)s, *minimum = (float)m;
}

struct q4_k {
  enum { VALUES = 256, BYTES = 144 };
  INLINE void unpack(const uint8_t *p, int group, float *out) {
    float scale, minimum;
    group_scale(p + 4, group, &scale, &minimum);
    scale *= half(p), minimum *= half(p + 2);
    const uint8_t *codes = p + 16 + group / 2 * 32;
    const int shift = group % 2 * 4;
    for (int j = 0; j < 32; j++) out[j] = scale * (float)(codes[j] >> shift & 15) - minimum;
  }
};

struct q5_k {
  enum { VALUES = 256, BYTES = 176 };
  INLINE void unpack(const uint8_t *p, int group, float *out) {
    float scale, minimum;
    group_scale(p + 4, group, &scale, &minimum);
    scale *= half(p), minimum *= half(p + 2);
    const uint8_t *fifth = p + 16, *codes = p + 48 + group / 2 * 32;
    const int shift = group % 2 * 4;
    for (int j = 0; j < 32; j++)
      out[j] = scale * (float)((codes[j] >> shift & 15) | (fifth[j] >> group & 1) << 4) - minimum;
  }
};

struct q6_k {
  enum { VALUES = 256, BYTES = 210 };
  INLINE void unpack(const uint8_t *p, int group, float *out) {
    const int part = group / 4, run = group % 4, shift = run / 2 * 4;
    const uint8_t *low = p + part * 64 + run % 2 * 32, *high = p + 128 + part * 32;
    const float d = half(p + 208);
    for (int h = 0; h < 2; h++) {
      const float scale = d * (float)(int8_t)p[192 + part * 8 + run * 2 + h];
      for (int j = 16 * h; j < 16 * h + 16; j++)
        out[j] = scale * (float)(((low[j] >> shift & 15) | (high[j] >> (2 * run) & 3) << 4) - 32);
    }
  }
};

template <class F>
static void unpack_blocks(const stored &part, int cols, int row, int from, int n, float *out) {
  const uint8_t *p = part.data + (ptrdiff_t)row * (cols / F::VALUES) * F::BYTES;
  for (int j = from; j < from + n; j += GROUP_VALUES, out += GROUP_VALUES)
    F::unpack(p + j / F::VALUES * F::BYTES, j % F::VALUES / GROUP_VALUES, out);
}

// unpack_nf4: blocks of 64 are {code of the scale, 2 x 16 bytes of codes}; after all of them come, as float32, the levels
// of the codes, the values of the scales' codes, the scales' offset, and a scale of scales for every 256 blocks.
static void unpack_nf4(const stored &part, int cols, int row, int from, int n, float *out) {
  enum { VALUES = 64, BYTES = 33, CODES = 256, SHARED = 256 };
  const ptrdiff_t first = (ptrdiff_t)row * (cols / VALUES);
  const uint8_t *state = part.data + (ptrdiff_t)part.rows * (cols / VALUES) * BYTES;
  float levels[16];
  memcpy(levels, state, sizeof levels);
  const uint8_t *values = state + sizeof levels, *scales = values + (CODES + 1) * sizeof(float);
  const float offset = float_at(values + CODES * sizeof(float));
  for (int j = from; j < from + n; j += GROUP_VALUES, out += GROUP_VALUES) {
    const ptrdiff_t block = first + j / VALUES;
    const uint8_t *p = part.data + block * BYTES;
    // The product is rounded before the offset is added, on every machine.
    volatile float product = float_at(values + p[0] * sizeof(float)) * float_at(scales + block / SHARED * sizeof(float));
    levels_of(p + 1 + j % VALUES / GROUP_VALUES * 16, levels, product + offset, out);
  }
}

// unpack_row writes values [from, from+n) of a part's row. Of types with blocks both are multiples of GROUP_VALUES.
static void unpack_row(const stored &part, int cols, int row, int from, int n, float *out) {
  const uint8_t *p = part.data;
  const ptrdiff_t at = (ptrdiff_t)row * cols + from;
  switch (part.type) {
    case TYPE_F32: memcpy(out, p + at * 4, (size_t)n * 4); return;
    case TYPE_F16:
      for (int j = 0; j < n; j++) out[j] = half(p + (at + j) * 2);
      return;
    case TYPE_BF16:
      for (int j = 0; j < n; j++) {
        uint16_t upper;
        memcpy(&upper, p + (at + j) * 2, sizeof upper);
        const uint32_t bits = (uint32_t)upper << 16;
        memcpy(out + j, &bits, sizeof bits);
      }
      return;
    case TYPE_Q4_0: return unpack_blocks<affine<q4_0>>(part, cols, row, from, n, out);
    case TYPE_Q4_1: return unpack_blocks<affine<q4_1>>(part, cols, row, from, n, out);
    case TYPE_Q5_0: return unpack_blocks<q5<false>>(part, cols, row, from, n, out);
    case TYPE_Q5_1: return unpack_blocks<q5<true>>(part, cols, row, from, n, out);
    case TYPE_Q8_0: return unpack_blocks<affine<q8_0>>(part, cols, row, from, n, out);
    case TYPE_IQ4_NL: return unpack_blocks<iq4_nl>(part, cols, row, from, n, out);
    case TYPE_Q4_K: return unpack_blocks<q4_k>(part, cols, row, from, n, out);
    case TYPE_Q5_K: return unpack_blocks<q5_k>(part, cols, row, from, n, out);
    case TYPE_Q6_K: return unpack_blocks<q6_k>(part, cols, row, from, n, out);
    case TYPE_NF4: return unpack_nf4(part, cols, row, from, n, out);
  }
}

// unpack_rows writes values [from, from+n) of rows [first, first+rows) of W to rows of out.
static void unpack_rows(const operand &w, int first, int rows, int from, int n, float *out, ptrdiff_t stride) {
  const stored *part = w.parts;
  for (; first >= part->rows; part++) first -= part->rows;
  for (; rows > 0; rows--, first++, out += stride) {
    for (; first >= part->rows; part++) first -= part->rows;
    unpack_row(*part, w.inputs, first, from, n, out);
  }
}

// unpack writes the operand's columns from first on to dst [depth, columns].
static void unpack(native *e, mat dst, operand w, int first) {
  enum { ROWS = 16 };
  const int rows = w.backward ? w.outputs : dst.cols;
  parallel(e->team, (rows + ROWS - 1) / ROWS, [&](int piece, int) {
    const int i = piece * ROWS, n = rows - i < ROWS ? rows - i : ROWS;
    if (w.backward) return unpack_rows(w, i, n, first, dst.cols, row(dst, i), dst.stride);
    alignas(64) float strip[ROWS * STRIP];
    for (int k = 0; k < w.inputs; k += STRIP) {
      const int some = w.inputs - k < STRIP ? w.inputs - k : STRIP;
      unpack_rows(w, first + i, n, k, some, strip, STRIP);
      transpose(row(dst, k) + i, dst.stride, strip, STRIP, n, some, 1.0f);
    }
  });
}
