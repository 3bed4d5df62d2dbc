// Products of a few rows with quantised weights, as in decoding, where reading the weights is the cost: the
// weights' codes stay as they are, activations become 16-bit whole numbers, and vpdpbusd multiplies
// them in two halves. Only the rounding of activations to 1/32512 of the largest in a block tells the result from
// float32's.
#pragma once

#include "blocks.h"
#include "linear_bf16.h"

// A group is 16 rows; in it lies block after block of 32 columns: codes of 4 bits [4][16 rows][4], the low half
// of a byte for columns 8j to 8j+3, the high one for the next four; or of 8 bits, plus 128, [8][16 rows][4];
// then a factor and, for 4 bits, an offset of each row, in half precision.
enum { GROUP_ROWS = 16, BYTES4 = 256 + 32 + 32, BYTES8 = 512 + 32 };

// dot4 adds to each sum the products of four unsigned bytes of w and the four signed bytes at x. (GCC 12 keeps
// the intrinsic's sums in memory.)
INLINE __m512i dot4(__m512i sum, __m512i w, const int8_t *x) {
  __asm__("vpdpbusd %2%{1to16%}, %1, %0" : "+v"(sum) : "v"(w), "m"(*(const int32_t *)x));
  return sum;
}

// wide is a row of activations: x = scale·(256·high + low) in each block, total the sum of its values and whole
// that of its whole numbers.
struct wide {
  const int8_t *high, *low;
  const float *scale, *total;
  const int32_t *whole;
};

INLINE size_t wide_floats(int cols) { return (size_t)(cols / 2 + 3 * (cols / BLOCK_VALUES)); }

// widen_row quantises n values into room, which has wide_floats(n).
static wide widen_row(const float *x, int n, float *room) {
  const int count = n / BLOCK_VALUES;
  int8_t *high = (int8_t *)room, *low = high + n;
  float *scale = room + n / 2, *total = scale + count;
  int32_t *whole = (int32_t *)(total + count);
  for (int b = 0; b < count; b++) {
    const __m512 u = _mm512_loadu_ps(x + b * BLOCK_VALUES), v = _mm512_loadu_ps(x + b * BLOCK_VALUES + 16);
    const float top = _mm512_reduce_max_ps(_mm512_max_ps(_mm512_abs_ps(u), _mm512_abs_ps(v)));
    const __m512 inverse = _mm512_set1_ps(top > 0.0f ? 32512.0f / top : 0.0f);
    scale[b] = top / 32512.0f;
    total[b] = _mm512_reduce_add_ps(_mm512_add_ps(u, v));
    const __m512i half = _mm512_set1_epi32(128), p = _mm512_cvtps_epi32(_mm512_mul_ps(u, inverse)),
                  q = _mm512_cvtps_epi32(_mm512_mul_ps(v, inverse));
    whole[b] = _mm512_reduce_add_epi32(_mm512_add_epi32(p, q));
    const __m512i ph = _mm512_srai_epi32(_mm512_add_epi32(p, half), 8), qh = _mm512_srai_epi32(_mm512_add_epi32(q, half), 8);
    _mm_storeu_si128((__m128i *)(high + b * 32), _mm512_cvtepi32_epi8(ph));
    _mm_storeu_si128((__m128i *)(high + b * 32 + 16), _mm512_cvtepi32_epi8(qh));
    _mm_storeu_si128((__m128i *)(low + b * 32), _mm512_cvtepi32_epi8(_mm512_sub_epi32(p, _mm512_slli_epi32(ph, 8))));
    _mm_storeu_si128((__m128i *)(low + b * 32 + 16), _mm512_cvtepi32_epi8(_mm512_sub_epi32(q, _mm512_slli_epi32(qh, 8))));
  }
  return {high, low, scale, total, whole};
}

INLINE __m512 halves(const uint8_t *p) { return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)p)); }

// Formats: the product of a block's codes with M rows of activations, and what it adds to the rows' sums.
template <int M>
INLINE void add_block4(const uint8_t *p, const wide *x, int b, __m512 *sums) {
  __m512i high[M], low[M];
#pragma GCC unroll 4
  for (int m = 0; m < M; m++) high[m] = low[m] = _mm512_setzero_si512();
#pragma GCC unroll 4
  for (int j = 0; j < 4; j++) {
    const __m512i mask = _mm512_set1_epi8(15), w = _mm512_loadu_si512(p + 64 * j), first = _mm512_and_si512(w, mask),
                  second = _mm512_and_si512(_mm512_srli_epi16(w, 4), mask);
#pragma GCC unroll 4
    for (int m = 0; m < M; m++) {
      const ptrdiff_t k = b * 32 + 8 * j;
      high[m] = dot4(dot4(high[m], first, x[m].high + k), second, x[m].high + k + 4);
      low[m] = dot4(dot4(low[m], first, x[m].low + k), second, x[m].low + k + 4);
    }
  }
  const __m512 factor = halves(p + 256), offset = halves(p + 288);
#pragma GCC unroll 4
  for (int m = 0; m < M; m++) {
    const __m512 v = _mm512_cvtepi32_ps(_mm512_add_epi32(_mm512_slli_epi32(high[m], 8), low[m]));
    sums[m] = _mm512_fmadd_ps(_mm512_mul_ps(v, factor), _mm512_set1_ps(x[m].scale[b]), sums[m]);
    sums[m] = _mm512_fmadd_ps(offset, _mm512_set1_ps(x[m].total[b]), sums[m]);
  }
}

template <int M>
INLINE void add_block8(const uint8_t *p, const wide *x, int b, __m512 *sums) {
  __m512i high[M], low[M];
#pragma GCC unroll 4
  for (int m = 0; m < M; m++) {
    high[m] = _mm512_setzero_si512();
    low[m] = _mm512_set1_epi32(-128 * x[m].whole[b]);
  }
#pragma GCC unroll 8
  for (int j = 0; j < 8; j++) {
    const __m512i w = _mm512_loadu_si512(p + 64 * j);
#pragma GCC unroll 4
    for (int m = 0; m < M; m++) {
      high[m] = dot4(high[m], w, x[m].high + b * 32 + 4 * j);
      low[m] = dot4(low[m], w, x[m].low + b * 32 + 4 * j);
    }
  }
  const __m512 factor = halves(p + 512);
#pragma GCC unroll 4
  for (int m = 0; m < M; m++) {
    const __m512 v = _mm512_cvtepi32_ps(_mm512_add_epi32(_mm512_slli_epi32(high[m], 8), low[m]));
    sums[m] = _mm512_fmadd_ps(_mm512_mul_ps(v, factor), _mm512_set1_ps(x[m].scale[b]), sums[m]);
  }
}

// ahead asks for a block that is needed soon: without it one core reads 20 GB/s, with it 28 (Sapphire Rapids).
template <int BYTES>
INLINE void ahead(const uint8_t *p) {
  enum { DISTANCE = 8192 };
#pragma GCC unroll 9
  for (int i = 0; i < (BYTES + 63) / 64; i++) _mm_prefetch((const char *)p + DISTANCE + 64 * i, _MM_HINT_T0);
}

// group_rows computes M rows of y for the group at p.
template <int M>
static __attribute__((noinline)) void group_rows(const uint8_t *p, int format, int count, const wide *x, float *y, ptrdiff_t ys,
                                                 __mmask16 outputs, bool add) {
  __m512 sums[M];
#pragma GCC unroll 4
  for (int m = 0; m < M; m++) sums[m] = add ? _mm512_maskz_loadu_ps(outputs, y + m * ys) : _mm512_setzero_ps();
  if (format == GROUPS_4)
    for (int b = 0; b < count; b++, p += BYTES4) {
      ahead<BYTES4>(p);
      add_block4<M>(p, x, b, sums);
    }
  else
    for (int b = 0; b < count; b++, p += BYTES8) {
      ahead<BYTES8>(p);
      add_block8<M>(p, x, b, sums);
    }
#pragma GCC unroll 4
  for (int m = 0; m < M; m++) _mm512_mask_storeu_ps(y + m * ys, outputs, sums[m]);
}

// some_rows computes up to four of n rows of y for the group at p.
static void some_rows(const uint8_t *p, int format, int count, const wide *x, int n, float *y, ptrdiff_t ys, __mmask16 outputs, bool add) {
  switch (n) {
    case 1: return group_rows<1>(p, format, count, x, y, ys, outputs, add);
    case 2: return group_rows<2>(p, format, count, x, y, ys, outputs, add);
    case 3: return group_rows<3>(p, format, count, x, y, ys, outputs, add);
    default: return group_rows<4>(p, format, count, x, y, ys, outputs, add);
  }
}

INLINE ptrdiff_t group_bytes(const blocks &w) {
  return (ptrdiff_t)(w.cols / BLOCK_VALUES) * (w.format == GROUPS_4 ? BYTES4 : BYTES8);
}

// regroup writes a part in GGUF's layout to dst as groups.
static void regroup(native *e, uint8_t *dst, const blocks *part) {
  const blocks w = *part;
  const bool eight = w.format == BLOCKS_Q8_0;
  const int count = w.cols / BLOCK_VALUES, bytes = eight ? BYTES8 : BYTES4;
  const int source = eight ? (int)q8_0::BYTES : w.format == BLOCKS_Q4_0 ? (int)q4_0::BYTES : (int)q4_1::BYTES;
  parallel(e->team, (w.rows + GROUP_ROWS - 1) / GROUP_ROWS, [&](int g, int) {
    for (int b = 0; b < count; b++) {
      uint8_t *d = dst + ((ptrdiff_t)g * count + b) * bytes;
      memset(d, 0, (size_t)bytes);
      for (int i = 0; i < GROUP_ROWS && g * GROUP_ROWS + i < w.rows; i++) {
        const uint8_t *p = w.data + ((ptrdiff_t)(g * GROUP_ROWS + i) * count + b) * source;
        if (eight) {
          for (int k = 0; k < 32; k++) d[k / 4 * 64 + i * 4 + k % 4] = (uint8_t)(p[2 + k] + 128);
          memcpy(d + 512 + 2 * i, p, 2);
          continue;
        }
        uint8_t codes[32];
        nibbles(p + (w.format == BLOCKS_Q4_0 ? 2 : 4), codes);
        for (int j = 0; j < 4; j++)
          for (int k = 0; k < 4; k++) d[j * 64 + i * 4 + k] = (uint8_t)(codes[8 * j + k] | codes[8 * j + 4 + k] << 4);
        memcpy(d + 256 + 2 * i, p, 2);
        if (w.format == BLOCKS_Q4_1) {
          memcpy(d + 288 + 2 * i, p + 2, 2);
        } else {
          const uint16_t offset = _cvtss_sh(-8.0f * half(p), 0);
          memcpy(d + 288 + 2 * i, &offset, 2);
        }
      }
    }
  });
}
