// The product of bfloat16 operands by vdpbf16ps.
#pragma once

#include "elementwise_bf16.h"

// GROUP panels are multiplied at once: tiles of 8 rows and 48 columns fill the vector registers.
enum { GROUP = 3, KERNEL_ROWS = 8, FETCHES = true };

INLINE void keep_sums(float *c, __m512 sum, __mmask16 columns) { _mm512_mask_storeu_ps(c, columns, sum); }
INLINE void keep_sums(b16 *c, __m512 sum, __mmask16 columns) {
  _mm256_mask_storeu_epi16(c, columns, (__m256i)_mm512_cvtneps_pbh(sum));
}

INLINE void kernel_begin() {}
INLINE void kernel_end() {}

template <int P, class Out>
static __attribute__((noinline)) void bf16_tile(const segment *s, int n, int from, int rows, int columns, Out *c,
                                                ptrdiff_t cm, bool add) {
  __m512 sum[KERNEL_ROWS][P];
  const __mmask16 last = (__mmask16)((1u << (columns - (P - 1) * PANEL)) - 1);
#pragma GCC unroll 8
  for (int m = 0; m < KERNEL_ROWS; m++)
#pragma GCC unroll 3
    for (int p = 0; p < P; p++)
      sum[m][p] = sizeof(Out) == sizeof(float) && add && m < rows
                      ? _mm512_maskz_loadu_ps(p == P - 1 ? last : (__mmask16)-1, c + m * cm + p * PANEL)
                      : _mm512_setzero_ps();
  for (; n > 0; n--, s++) {
    const b16 *a = s->a + from * s->as, *b = s->b;
    const ptrdiff_t as = s->as, bs = s->bs;
    for (int k = s->depth / 2; k > 0; k--, a += 2, b += 2 * PANEL) {
      __m512bh w[P];
#pragma GCC unroll 3
      for (int p = 0; p < P; p++) w[p] = (__m512bh)_mm512_loadu_si512(b + p * bs);
#pragma GCC unroll 8
      for (int m = 0; m < KERNEL_ROWS; m++) {
        int pair;
        memcpy(&pair, a + m * as, sizeof pair);
        const __m512bh x = (__m512bh)_mm512_set1_epi32(pair);
#pragma GCC unroll 3
        for (int p = 0; p < P; p++) sum[m][p] = _mm512_dpbf16_ps(sum[m][p], x, w[p]);
      }
    }
  }
#pragma GCC unroll 8
  for (int m = 0; m < KERNEL_ROWS; m++)
#pragma GCC unroll 3
    for (int p = 0; p < P; p++)
      if (m < rows) keep_sums(c + m * cm + p * PANEL, sum[m][p], p == P - 1 ? last : (__mmask16)-1);
}

// kernel_tile sets c [rows, columns], of at most KERNEL_ROWS rows and GROUP panels, to the segments' sum, or adds it, which
// only float32 can. from is the first row of the left operands.
template <class Out>
INLINE void kernel_tile(const segment *s, int n, int from, int rows, int columns, Out *c, ptrdiff_t cm, bool add) {
  if (columns > 2 * PANEL)
    bf16_tile<3>(s, n, from, rows, columns, c, cm, add);
  else if (columns > PANEL)
    bf16_tile<2>(s, n, from, rows, columns, c, cm, add);
  else
    bf16_tile<1>(s, n, from, rows, columns, c, cm, add);
}
