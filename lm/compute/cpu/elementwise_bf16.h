// The row-wise kernels of elementwise.h for activations that are kept in bfloat16.
#pragma once

#include "bf16.h"

INLINE b16 *row16(mat m, int i) { return (b16 *)m.data + i * m.stride; }

INLINE __mmask16 lanes(int n) { return n >= LANES ? (__mmask16)-1 : (__mmask16)((1u << n) - 1); }

// load16 and store16 convert up to LANES values; missing ones are 0, and are not stored.
INLINE vf load16(const b16 *p, int n) {
  const __m256i v = __builtin_expect(n >= LANES, 1) ? _mm256_loadu_si256((const __m256i *)p) : _mm256_maskz_loadu_epi16(lanes(n), p);
  return (vf)_mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(v), 16));
}
INLINE void store16(b16 *p, vf v, int n) { _mm256_mask_storeu_epi16(p, lanes(n), (__m256i)_mm512_cvtneps_pbh((__m512)v)); }

// widen_row16 sets n values of dst to those of src.
INLINE void widen_row16(float *dst, const b16 *src, int n) {
  for (int j = 0; j < n; j += LANES) store(dst + j, load16(src + j, n - j), n - j);
}

// narrow_row16 sets n values of dst to those of src, rounded.
INLINE void narrow_row16(b16 *dst, const float *src, int n) {
  for (int j = 0; j < n; j += LANES) store16(dst + j, load(src + j, n - j), n - j);
}

// float_row returns n values of a row from column on: where they are, or converted to room.
INLINE const float *float_row(mat m, int i, int column, int n, float *room) {
  if (!m.half) return row(m, i) + column;
  widen_row16(room, row16(m, i) + column, n);
  return room;
}

// float_rows does that for some rows, and sets the distance between them.
INLINE const float *float_rows(mat m, int first, int rows, int column, int n, float *room, ptrdiff_t *stride) {
  *stride = m.half ? n : m.stride;
  if (!m.half) return row(m, first) + column;
  for (int i = 0; i < rows; i++) widen_row16(room + (ptrdiff_t)i * n, row16(m, first + i) + column, n);
  return room;
}

// scale_row sets n values of a row from column on to factor·s.
INLINE void scale_row(mat m, int i, int column, const float *s, int n, float factor) {
  for (int j = 0; j < n; j += LANES) {
    const vf v = load(s + j, n - j) * factor;
    if (m.half)
      store16(row16(m, i) + column + j, v, n - j);
    else
      store(row(m, i) + column + j, v, n - j);
  }
}

// add_row adds n values to a row from column on.
INLINE void add_row(mat m, int i, int column, const float *s, int n) {
  if (m.half) {
    b16 *d = row16(m, i) + column;
    for (int j = 0; j < n; j += LANES) store16(d + j, load16(d + j, n - j) + load(s + j, n - j), n - j);
    return;
  }
  float *d = row(m, i) + column;
  for (int j = 0; j < n; j += LANES) store(d + j, load(d + j, n - j) + load(s + j, n - j), n - j);
}

INLINE void convert_row(mat dst, int i, mat src, int k) {
  const int n = dst.cols;
  if (dst.half == src.half) {
    memcpy(dst.half ? (void *)row16(dst, i) : row(dst, i), src.half ? (void *)row16(src, k) : row(src, k),
           (dst.half ? sizeof(b16) : sizeof(float)) * (size_t)n);
  } else if (src.half) {
    widen_row16(row(dst, i), row16(src, k), n);
  } else {
    narrow_row16(row16(dst, i), row(src, k), n);
  }
}

// copy16, zero16, gather16 and scatter16 take matrices of either kind.
static void copy16(native *e, mat dst, mat src) {
  each_row(e, dst, [&](int i) { convert_row(dst, i, src, i); });
}

static void zero16(native *e, mat dst) {
  if (!dst.half) return zero(e, dst);
  each_row(e, dst, [&](int i) { memset(row16(dst, i), 0, sizeof(b16) * (size_t)dst.cols); });
}

static void gather16(native *, mat dst, mat src, const int32_t *rows) {
  for (int i = 0; i < dst.rows; i++) convert_row(dst, i, src, rows[i]);
}

static void scatter16(native *e, mat dst, mat src, const int32_t *rows) {
  zero16(e, dst);
  for (int i = 0; i < src.rows; i++) convert_row(dst, rows[i], src, i);
}

// bfloats is floats for bfloat16.
struct bfloats {
  typedef b16 type;
  INLINE b16 *row(mat m, int i) { return row16(m, i); }
  INLINE vf load(const b16 *p, int n) { return load16(p, n); }
  INLINE void store(b16 *p, vf v, int n) { store16(p, v, n); }
};

static void norm16(native *e, mat dst, mat x, const float *gain, float epsilon) { norm_to<bfloats>(e, dst, x, gain, epsilon); }
static void swiglu16(native *e, mat dst, mat x) { swiglu_of<bfloats>(e, dst, x); }
static void swiglu16_backward(native *e, mat dx, mat dy, mat x) { swiglu_backward_of<bfloats>(e, dx, dy, x); }
static void rotate16(native *e, mat x, int dim, const int32_t *positions, mat table, int inverse) {
  rotate_of<bfloats>(e, x, dim, positions, table, inverse);
}
