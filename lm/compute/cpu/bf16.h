// Products of bfloat16 matrices with float32 sums, on processors that have instructions for them: the layout
// that both kinds of kernels read, and the conversions to it.
//
// The left operand is row-major. The right one lies in panels of 16 columns, in each the depth in pairs:
// [columns/16][depth/2][16][2], which is what vdpbf16ps and tdpbf16ps multiply with. The depth is padded with
// zeros to whole steps on both sides. Rows of results depend on no other row, and the depth is summed in one
// fixed order, so results do not depend on how the work is parted.
#pragma once

#include "low_rank.h"
#include "unpack.h"

typedef uint16_t b16;

// Buffers for left operands have rows for whole tiles: what is computed from the rows beyond the last is
// not stored.
enum { PANEL = 16, DEPTH = 32, TILE = 32 };

INLINE int up(int n, int to) { return (n + to - 1) / to * to; }

// A segment is a part of the depth: a product's result is the sum over its segments. b is the first panel of
// the columns at hand, bs the distance from one panel to the next; depth is a multiple of DEPTH.
struct segment {
  const b16 *a;
  ptrdiff_t as;
  const b16 *b;
  ptrdiff_t bs;
  int depth;
};

// fetch asks for part i of n of what is needed next: n is the number of elements of each of the group's panels.
INLINE void fetch(const b16 *panels, ptrdiff_t bs, int groups, int n, int i, int parts) {
  for (int g = 0; g < groups; g++) {
    const b16 *p = panels + g * bs;
    for (int k = n / 32 * i / parts; k < n / 32 * (i + 1) / parts; k++) _mm_prefetch((const char *)(p + k * 32), _MM_HINT_T1);
  }
}

INLINE size_t panel_elements(int columns, int depth) { return (size_t)up(columns, PANEL) * (size_t)up(depth, DEPTH); }

// round32 rounds 32 values, to nearest, ties to even.
INLINE __m512i round32(__m512 low, __m512 high) { return (__m512i)_mm512_cvtne2ps_pbh(high, low); }

// round32 of up to 32 values, times scale; missing ones are 0.
INLINE __m512i round32(const float *p, int n, __m512 scale) {
  const __m512 low = (__m512)load(p, n), high = n > LANES ? (__m512)load(p + LANES, n - LANES) : _mm512_setzero_ps();
  return round32(_mm512_mul_ps(low, scale), _mm512_mul_ps(high, scale));
}

// round_row sets dst to the first n values of src, times scale, and fills up to a multiple of DEPTH with zeros.
INLINE void round_row(b16 *dst, const float *src, int n, float scale = 1.0f) {
  for (int j = 0; j < n; j += 32) _mm512_storeu_si512(dst + j, round32(src + j, n - j, _mm512_set1_ps(scale)));
}

// pair_order is where the pairs (a[i], b[i]) of 16 columns are in a and b one after the other.
INLINE __m512i pair_order() {
  return _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7, 22, 6, 21, 5, 20, 4, 19, 3, 18,
                          2, 17, 1, 16, 0);
}

INLINE __m512i interleave(__m512 a, __m512 b) { return _mm512_permutexvar_epi16(pair_order(), round32(a, b)); }

// end_depth fills the depth from n on with zeros, if that is in its last step.
INLINE void end_depth(b16 *dst, int depth, int n, int columns) {
  if (n >= depth || up(n, DEPTH) != depth) return;
  for (int j = 0; j < columns; j += PANEL)
    for (int k = up(n, 2); k < depth; k += 2)
      _mm512_storeu_si512(dst + (ptrdiff_t)j * depth + k * PANEL, _mm512_setzero_si512());
}

// rows_to_depth packs rows of src, which become the depth [first, first+rows), of some columns; first is even.
// If the depth ends there, it is padded. dst is the panel of the first column, depth the panels' whole depth.
static void rows_to_depth(b16 *dst, int depth, const float *src, ptrdiff_t stride, int first, int rows, int columns,
                          float scale) {
  const __m512 s = _mm512_set1_ps(scale);
  for (int k = 0; k < rows; k += 2) {
    const float *a = src + (ptrdiff_t)k * stride, *b = a + stride;
    for (int j = 0; j < columns; j += PANEL) {
      const __m512 x = (__m512)load(a + j, columns - j),
                   y = k + 1 < rows ? (__m512)load(b + j, columns - j) : _mm512_setzero_ps();
      _mm512_storeu_si512(dst + (ptrdiff_t)j * depth + (first + k) * PANEL,
                          interleave(_mm512_mul_ps(x, s), _mm512_mul_ps(y, s)));
    }
  }
  end_depth(dst, depth, first + rows, columns);
}

// rows_to_depth16 is rows_to_depth of bfloat16 values.
static void rows_to_depth16(b16 *dst, int depth, const b16 *src, ptrdiff_t stride, int first, int rows, int columns) {
  const __m512i pairs = pair_order();
  for (int k = 0; k < rows; k += 2) {
    const b16 *a = src + (ptrdiff_t)k * stride, *b = a + stride;
    for (int j = 0; j < columns; j += PANEL) {
      const __mmask16 some = columns - j >= PANEL ? (__mmask16)-1 : (__mmask16)((1u << (columns - j)) - 1);
      const __m256i x = _mm256_maskz_loadu_epi16(some, a + j),
                    y = k + 1 < rows ? _mm256_maskz_loadu_epi16(some, b + j) : _mm256_setzero_si256();
      _mm512_storeu_si512(dst + (ptrdiff_t)j * depth + (first + k) * PANEL,
                          _mm512_permutexvar_epi16(pairs, _mm512_inserti64x4(_mm512_castsi256_si512(x), y, 1)));
    }
  }
  end_depth(dst, depth, first + rows, columns);
}

// transpose_pairs sets line j of dst (16 pairs each) to pair j of the 16 rows of src.
INLINE void transpose_pairs(b16 *dst, const b16 *src) {
  __m512i r[16], t[16];
  for (int i = 0; i < 16; i++) r[i] = _mm512_load_si512(src + i * 32);
  for (int i = 0; i < 16; i += 2) {
    t[i] = _mm512_unpacklo_epi32(r[i], r[i + 1]);
    t[i + 1] = _mm512_unpackhi_epi32(r[i], r[i + 1]);
  }
  for (int i = 0; i < 16; i += 4)
    for (int h = 0; h < 2; h++) {
      r[i + 2 * h] = _mm512_unpacklo_epi64(t[i + h], t[i + 2 + h]);
      r[i + 2 * h + 1] = _mm512_unpackhi_epi64(t[i + h], t[i + 2 + h]);
    }
  // r[i+c] now holds, in each quarter q, pair 4q+c of rows i to i+3.
  for (int c = 0; c < 4; c++) {
    const __m512i a = _mm512_shuffle_i32x4(r[c], r[4 + c], 0x88), b = _mm512_shuffle_i32x4(r[c], r[4 + c], 0xdd),
                  d = _mm512_shuffle_i32x4(r[8 + c], r[12 + c], 0x88), f = _mm512_shuffle_i32x4(r[8 + c], r[12 + c], 0xdd);
    _mm512_storeu_si512(dst + (c)*32, _mm512_shuffle_i32x4(a, d, 0x88));
    _mm512_storeu_si512(dst + (8 + c) * 32, _mm512_shuffle_i32x4(a, d, 0xdd));
    _mm512_storeu_si512(dst + (4 + c) * 32, _mm512_shuffle_i32x4(b, f, 0x88));
    _mm512_storeu_si512(dst + (12 + c) * 32, _mm512_shuffle_i32x4(b, f, 0xdd));
  }
}

// rows_to_columns packs at most PANEL rows of src [rows, depth], which become one panel's columns [first,
// first+rows); its other columns become 0.
static void rows_to_columns(b16 *dst, const float *src, ptrdiff_t stride, int first, int rows, int depth, float scale) {
  alignas(64) b16 lines[PANEL * 32];
  const __m512 s = _mm512_set1_ps(scale);
  for (int k = 0; k < depth; k += 32, dst += 32 * PANEL) {
    for (int i = 0; i < PANEL; i++) {
      __m512i line = _mm512_setzero_si512();
      if (i >= first && i < first + rows) {
        line = round32(src + (ptrdiff_t)(i - first) * stride + k, depth - k, s);
      }
      _mm512_store_si512(lines + i * 32, line);
    }
    transpose_pairs(dst, lines);
  }
}

// pack packs columns [first, first+columns) of an operand; dst is the panel of the first.
static void pack(native *e, b16 *dst, operand w, int first, int columns) {
  const int rows = w.backward ? DEPTH : PANEL, all = w.backward ? w.outputs : columns;
  parallel(e->team, (all + rows - 1) / rows, [&](int piece, int) {
    alignas(64) float strip[DEPTH * STRIP];
    const int i = piece * rows, n = all - i < rows ? all - i : rows;
    for (int k = 0; k < (w.backward ? columns : w.inputs); k += STRIP) {
      const int left = (w.backward ? columns : w.inputs) - k, some = left < STRIP ? left : STRIP;
      if (w.backward) {
        const int depth = up(w.outputs, DEPTH);
        unpack_rows(w, i, n, first + k, some, strip, STRIP);
        rows_to_depth(dst + (ptrdiff_t)k * depth, depth, strip, STRIP, i, n, some, 1.0f);
      } else {
        unpack_rows(w, first + i, n, k, some, strip, STRIP);
        rows_to_columns(dst + (ptrdiff_t)i * up(w.inputs, DEPTH) + k * PANEL, strip, STRIP, 0, n, some, 1.0f);
      }
    }
  });
}
