// Dropout masks from Philox4x32-10, defined at compute.Dropout.
#pragma once

#include "vec.h"

// Philox constants of Salmon et al. 2011, table 2 and section 4.3.
enum : uint32_t { PHILOX_M0 = 0xD2511F53u, PHILOX_M1 = 0xCD9E8D57u, PHILOX_W0 = 0x9E3779B9u, PHILOX_W1 = 0xBB67AE85u };

enum { DRAWS = 8, MASK_BLOCKS = 16 };

// dropped_row sets dst[j] = src[j]·keep or 0 for columns [from, to) of a row; from is a multiple of
// DRAWS. dst may be src.
#if LANES == 16
// philox_products sets low and high to the halves of the products c·m of 16 lanes.
INLINE void philox_products(__m512i c, __m512i m, __m512i *low, __m512i *high) {
  const __m512i even = _mm512_mul_epu32(c, m), odd = _mm512_mul_epu32(_mm512_srli_epi64(c, 32), m);
  *low = _mm512_mask_blend_epi32(0xaaaa, even, _mm512_slli_epi64(odd, 32));
  *high = _mm512_mask_blend_epi32(0xaaaa, _mm512_srli_epi64(even, 32), odd);
}

static void dropped_row(float *dst, const float *src, mask m, uint32_t row_number, int from, int to) {
  // Lane 4q+j computes block 4j+q, so that vector j of the transposed words has blocks 4j to 4j+3.
  const __m512i order = _mm512_set_epi32(15, 11, 7, 3, 14, 10, 6, 2, 13, 9, 5, 1, 12, 8, 4, 0);
  const __m512i m0 = _mm512_set1_epi32((int)PHILOX_M0), m1 = _mm512_set1_epi32((int)PHILOX_M1);
  const __m512i threshold = _mm512_set1_epi16((short)m.threshold);
  const __m512 keep = _mm512_set1_ps(m.keep);
  for (int j = from; j < to; j += DRAWS * MASK_BLOCKS) {
    __m512i c0 = _mm512_add_epi32(order, _mm512_set1_epi32(j / DRAWS)), c1 = _mm512_set1_epi32((int)row_number),
            c2 = _mm512_set1_epi32((int)m.stream), c3 = _mm512_setzero_si512();
    uint32_t k0 = m.key[0], k1 = m.key[1];
    for (int round = 0; round < 10; round++) {
      __m512i low0, high0, low1, high1;
      philox_products(c0, m0, &low0, &high0);
      philox_products(c2, m1, &low1, &high1);
      c0 = _mm512_xor_si512(_mm512_xor_si512(high1, c1), _mm512_set1_epi32((int)k0));
      c1 = low1;
      c2 = _mm512_xor_si512(_mm512_xor_si512(high0, c3), _mm512_set1_epi32((int)k1));
      c3 = low0;
      k0 += PHILOX_W0;
      k1 += PHILOX_W1;
    }
    const __m512i a = _mm512_unpacklo_epi32(c0, c1), b = _mm512_unpackhi_epi32(c0, c1), c = _mm512_unpacklo_epi32(c2, c3),
                  d = _mm512_unpackhi_epi32(c2, c3);
    const __m512i draws[4] = {_mm512_unpacklo_epi64(a, c), _mm512_unpackhi_epi64(a, c), _mm512_unpacklo_epi64(b, d),
                              _mm512_unpackhi_epi64(b, d)};
    for (int v = 0; v < 4; v++) {
      const __mmask32 kept = _mm512_cmpge_epu16_mask(draws[v], threshold);
      for (int half = 0; half < 2; half++) {
        const int at = j + 32 * v + 16 * half, n = to - at;
        if (n <= 0) return;
        const __m512 x = _mm512_maskz_mul_ps((__mmask16)(kept >> (16 * half)), (__m512)load(src + at, n), keep);
        store(dst + at, (vf)x, n);
      }
    }
  }
}
#else
static void dropped_row(float *dst, const float *src, mask m, uint32_t row_number, int from, int to) {
  for (int j = from; j < to; j += DRAWS * MASK_BLOCKS) {
    uint32_t w[4][MASK_BLOCKS];
    for (int i = 0; i < MASK_BLOCKS; i++) {
      uint32_t c0 = (uint32_t)(j / DRAWS + i), c1 = row_number, c2 = m.stream, c3 = 0;
      uint32_t k0 = m.key[0], k1 = m.key[1];
      for (int round = 0; round < 10; round++) {
        const uint64_t p0 = (uint64_t)PHILOX_M0 * c0, p1 = (uint64_t)PHILOX_M1 * c2;
        c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
        c1 = (uint32_t)p1;
        c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c3 = (uint32_t)p0;
        k0 += PHILOX_W0;
        k1 += PHILOX_W1;
      }
      w[0][i] = c0, w[1][i] = c1, w[2][i] = c2, w[3][i] = c3;
    }
    const int n = to - j < DRAWS * MASK_BLOCKS ? to - j : DRAWS * MASK_BLOCKS;
    for (int i = 0; i < n; i++) {
      const uint32_t draw = w[i % DRAWS / 2][i / DRAWS] >> (16 * (i % 2)) & 0xffff;
      dst[j + i] = draw < m.threshold ? 0.0f : src[j + i] * m.keep;
    }
  }
}
#endif
