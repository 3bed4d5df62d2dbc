// Adapters in decoding: where a token is one row, reading A and B is their cost, so they are kept in bytes, and multiplied
// as few_rows8.h multiplies weights. A is groups of 8 bits. B is, for each 16 outputs, [rank/4][16 outputs][4] codes plus 128,
// then a factor of each output in half precision. Elements are divided by powers of two first, so that factors have all of
// half precision's bits.
#pragma once

#include "few_rows8.h"

// bytes_adapter is an adapter in bytes with the rounded results of its first product, one for each row.
struct bytes_adapter {
  adapter a;
  int from, to;  // the outputs, whole groups
  float *z;      // [FEW_ROWS8, rank, padded], then room to widen it
  wide rows[FEW_ROWS8];
};

INLINE ptrdiff_t output_bytes(int rank) { return (ptrdiff_t)up(rank, 4) * GROUP_ROWS + 2 * GROUP_ROWS; }
INLINE int padded_rank(int rank) { return up(rank, BLOCK_VALUES); }

// largest_of returns the largest magnitude of n values.
INLINE float largest_of(const float *p, size_t n) {
  __m512 top = _mm512_setzero_ps();
  size_t i = 0;
  for (; i + 16 <= n; i += 16) top = _mm512_max_ps(top, _mm512_abs_ps(_mm512_loadu_ps(p + i)));
  float m = _mm512_reduce_max_ps(top);
  for (; i < n; i++) m = fabsf(p[i]) > m ? fabsf(p[i]) : m;
  return m;
}

// power_for returns the power of two that brings the largest of some magnitudes between 64 and 128.
INLINE float power_for(float largest) {
  int exponent;
  if (!(largest > 0.0f) || !isfinite(largest)) return 1.0f;
  frexpf(largest, &exponent);
  return ldexpf(1.0f, exponent < -100 ? 107 : 7 - exponent);
}

// code_row writes n values times power as codes plus 128, four to a step, and returns their factor in half precision.
static uint16_t code_row(uint8_t *codes, ptrdiff_t step, const float *p, int n, float power) {
  const uint16_t factor = _cvtss_sh(largest_of(p, (size_t)n) * power / 127.0f, 0);
  const float inverse = factor ? power / _cvtsh_ss(factor) : 0.0f;
  for (int k = 0; k < n; k += 16) {
    const __m512 v = _mm512_mul_ps((__m512)load(p + k, n - k), _mm512_set1_ps(inverse));
    const __m512i code = _mm512_max_epi32(_mm512_min_epi32(_mm512_cvtps_epi32(v), _mm512_set1_epi32(127)), _mm512_set1_epi32(-127));
    alignas(16) uint8_t bytes[16];
    _mm_store_si128((__m128i *)bytes, _mm512_cvtepi32_epi8(_mm512_add_epi32(code, _mm512_set1_epi32(128))));
    for (int q = 0; q < 16 && k + q < n; q += 4) memcpy(codes + (k + q) / 4 * step, bytes + q, 4);
  }
  return factor;
}

// pack_adapter8 packs an adapter of a layer, and sets factor to what its product is multiplied with.
static void pack_adapter8(native *e, uint8_t *down, uint8_t *upper, float *factor, low_rank r, int inputs) {
  const int blocks = inputs / BLOCK_VALUES, groups = (r.rank + GROUP_ROWS - 1) / GROUP_ROWS;
  const float a = power_for(largest_of(r.a, (size_t)r.rank * (size_t)inputs)), b = power_for(largest_of(r.b, (size_t)r.out * (size_t)r.rank));
  *factor = r.scale / a / b;
  parallel(e->team, groups * blocks, [&](int piece, int) {
    const int g = piece / blocks, block = piece % blocks;
    uint8_t *d = down + (ptrdiff_t)piece * BYTES8;
    memset(d, 128, 512);
    memset(d + 512, 0, 2 * GROUP_ROWS);
    for (int i = 0; i < GROUP_ROWS && g * GROUP_ROWS + i < r.rank; i++) {
      const uint16_t f = code_row(d + 4 * i, 64, r.a + (ptrdiff_t)(g * GROUP_ROWS + i) * inputs + block * BLOCK_VALUES, BLOCK_VALUES, a);
      memcpy(d + 512 + 2 * i, &f, 2);
    }
  });
  const int from = r.column / GROUP_ROWS * GROUP_ROWS, to = up(r.column + r.out, GROUP_ROWS);
  parallel(e->team, (to - from) / GROUP_ROWS, [&](int g, int) {
    uint8_t *d = upper + g * output_bytes(r.rank);
    const ptrdiff_t codes = output_bytes(r.rank) - 2 * GROUP_ROWS;
    memset(d, 128, (size_t)codes);
    memset(d + codes, 0, 2 * GROUP_ROWS);
    for (int i = 0; i < GROUP_ROWS; i++) {
      const int output = from + g * GROUP_ROWS + i - r.column;
      if (output < 0 || output >= r.out) continue;
      const uint16_t f = code_row(d + 4 * i, 64, r.b + (ptrdiff_t)output * r.rank, r.rank, b);
      memcpy(d + codes + 2 * i, &f, 2);
    }
  });
}

// first_few computes A·x for the rows of x, and widens the results.
static void first_few(bytes_adapter &t, const wide *x, int rows, int inputs) {
  const int rank = padded_rank(t.a.low.rank), blocks = inputs / BLOCK_VALUES;
  memset(t.z, 0, sizeof(float) * (size_t)(rank * rows));
  for (int k = 0; k < t.a.low.rank; k += GROUP_ROWS) {
    const uint8_t *p = t.a.down8 + (ptrdiff_t)(k / GROUP_ROWS) * blocks * BYTES8;
    for (int m = 0; m < rows; m += 4) some_rows(p, GROUPS_8, blocks, x + m, rows - m, t.z + m * rank + k, rank, (__mmask16)-1, false);
  }
  float *room = t.z + FEW_ROWS8 * rank;
  for (int m = 0; m < rows; m++) t.rows[m] = widen_row(t.z + m * rank, rank, room + (ptrdiff_t)m * (ptrdiff_t)wide_floats(rank));
}

// fetch_second asks for what second_few reads for the outputs [column, end).
INLINE void fetch_second(const bytes_adapter &t, int column, int end) {
  const int from = column > t.from ? column : t.from, to = end < t.to ? end : t.to;
  const ptrdiff_t step = output_bytes(t.a.low.rank);
  for (ptrdiff_t at = (from - t.from) / GROUP_ROWS * step; at < (to - t.from) / GROUP_ROWS * step; at += 64)
    _mm_prefetch((const char *)t.a.up8 + at, _MM_HINT_T0);
}

// second_few adds B·z to 16 outputs of a row, from column on.
INLINE void second_few(const bytes_adapter &t, int m, int column, float *y, __mmask16 outputs) {
  if (column < t.from || column >= t.to) return;
  const int rank = t.a.low.rank;
  const uint8_t *p = t.a.up8 + (ptrdiff_t)((column - t.from) / GROUP_ROWS) * output_bytes(rank);
  const wide &z = t.rows[m];
  __m512 sum = _mm512_setzero_ps();
  for (int k = 0; k < rank; k += BLOCK_VALUES) {
    const int end = rank - k < BLOCK_VALUES ? rank - k : (int)BLOCK_VALUES;
    __m512i high = _mm512_setzero_si512(), low = _mm512_set1_epi32(-128 * z.whole[k / BLOCK_VALUES]);
    for (int j = 0; j < end; j += 4, p += 64) {
      const __m512i w = _mm512_loadu_si512(p);
      high = dot4(high, w, z.high + k + j);
      low = dot4(low, w, z.low + k + j);
    }
    const __m512 v = _mm512_cvtepi32_ps(_mm512_add_epi32(_mm512_slli_epi32(high, 8), low));
    sum = _mm512_fmadd_ps(v, _mm512_set1_ps(z.scale[k / BLOCK_VALUES]), sum);
  }
  sum = _mm512_mul_ps(sum, _mm512_mul_ps(halves(p), _mm512_set1_ps(t.a.factor8)));
  _mm512_mask_storeu_ps(y, outputs, _mm512_add_ps(_mm512_maskz_loadu_ps(outputs, y), sum));
}
