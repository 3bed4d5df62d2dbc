// Row-wise kernels: copies, RMSNorm, SwiGLU, rotary embedding. Their formulas are in compute/ops.go.
#pragma once

#include "team.h"
#include "vec.h"

// A piece of a loop over rows has at least this many elements, some microseconds of work.
enum { PIECE_ELEMENTS = 1 << 14 };

INLINE float *row(mat m, int i) { return m.data + i * m.stride; }

// each_row calls f for every row of m.
template <class F>
static void each_row(native *e, mat m, F f) {
  const int step = PIECE_ELEMENTS / m.cols + 1;
  parallel(e->team, (m.rows + step - 1) / step, [&](int piece, int) {
    const int end = (piece + 1) * step < m.rows ? (piece + 1) * step : m.rows;
    for (int i = piece * step; i < end; i++) f(i);
  });
}

static void copy(native *e, mat dst, mat src) {
  each_row(e, dst, [&](int i) { memcpy(row(dst, i), row(src, i), sizeof(float) * (size_t)dst.cols); });
}

static void zero(native *e, mat dst) {
  each_row(e, dst, [&](int i) { memset(row(dst, i), 0, sizeof(float) * (size_t)dst.cols); });
}

static void gather(native *, mat dst, mat src, const int32_t *rows) {
  for (int i = 0; i < dst.rows; i++) memcpy(row(dst, i), row(src, rows[i]), sizeof(float) * (size_t)dst.cols);
}

static void scatter(native *e, mat dst, mat src, const int32_t *rows) {
  zero(e, dst);
  for (int i = 0; i < src.rows; i++) memcpy(row(dst, rows[i]), row(src, i), sizeof(float) * (size_t)dst.cols);
}

static void scale_rows(native *e, mat x, const float *factors) {
  each_row(e, x, [&](int i) {
    float *d = row(x, i);
    for (int j = 0; j < x.cols; j += LANES) store(d + j, load(d + j, x.cols - j) * factors[i], x.cols - j);
  });
}

// inverse_root returns 1/sqrt(mean(x²) + epsilon).
INLINE float inverse_root(const float *x, int n, float epsilon) {
  vf s = {};
  for (int j = 0; j < n; j += LANES) {
    vf a = load(x + j, n - j);
    s += a * a;
  }
  return 1.0f / sqrtf(sum(s) / (float)n + epsilon);
}

// floats is how kernels that take matrices of several kinds of elements get at those of float32: rows, and up to LANES
// values of them.
struct floats {
  typedef float type;
  INLINE float *row(mat m, int i) { return ::row(m, i); }
  INLINE vf load(const float *p, int n) { return ::load(p, n); }
  INLINE void store(float *p, vf v, int n) { ::store(p, v, n); }
};

// norm_to has results in the elements To.
template <class To>
static void norm_to(native *e, mat dst, mat x, const float *gain, float epsilon) {
  each_row(e, x, [&](int i) {
    const float *s = row(x, i);
    typename To::type *d = To::row(dst, i);
    const int n = x.cols;
    const float inverse = inverse_root(s, n, epsilon);
    for (int j = 0; j < n; j += LANES) To::store(d + j, load(s + j, n - j) * inverse * load(gain + j, n - j), n - j);
  });
}

static void norm(native *e, mat dst, mat x, const float *gain, float epsilon) { norm_to<floats>(e, dst, x, gain, epsilon); }

// With h = dy·gain and r the inverse root: dx += r·h - x·r³·mean(h·x).
static void norm_backward(native *e, mat dx, mat dy, mat x, const float *gain, float epsilon) {
  each_row(e, x, [&](int i) {
    const float *s = row(x, i), *g = row(dy, i);
    float *d = row(dx, i);
    const int n = x.cols;
    const float r = inverse_root(s, n, epsilon);
    vf dot = {};
    for (int j = 0; j < n; j += LANES) dot += load(g + j, n - j) * load(gain + j, n - j) * load(s + j, n - j);
    const float c = r * r * r * sum(dot) / (float)n;
    for (int j = 0; j < n; j += LANES) {
      vf h = load(g + j, n - j) * load(gain + j, n - j);
      store(d + j, load(d + j, n - j) + h * r - load(s + j, n - j) * c, n - j);
    }
  });
}

INLINE vf sigmoid(vf x) { return 1.0f / (1.0f + exponential(-x)); }

template <class E>
INLINE void swiglu_row(typename E::type *d, const typename E::type *g, const typename E::type *u, int n) {
  for (int j = 0; j < n; j += LANES) {
    const vf a = E::load(g + j, n - j);
    E::store(d + j, a * sigmoid(a) * E::load(u + j, n - j), n - j);
  }
}

template <class E>
static void swiglu_of(native *e, mat dst, mat x) {
  each_row(e, dst, [&](int i) { swiglu_row<E>(E::row(dst, i), E::row(x, i), E::row(x, i) + dst.cols, dst.cols); });
}

static void swiglu(native *e, mat dst, mat x) { swiglu_of<floats>(e, dst, x); }

// silu'(g) = s·(1 + g·(1 - s)) with s = sigmoid(g).
template <class E>
static void swiglu_backward_of(native *e, mat dx, mat dy, mat x) {
  each_row(e, dy, [&](int i) {
    const int n = dy.cols;
    const typename E::type *g = E::row(x, i), *u = g + n, *d = E::row(dy, i);
    typename E::type *dg = E::row(dx, i), *du = dg + n;
    for (int j = 0; j < n; j += LANES) {
      const vf a = E::load(g + j, n - j), b = E::load(u + j, n - j), c = E::load(d + j, n - j), s = sigmoid(a);
      E::store(du + j, c * a * s, n - j);
      E::store(dg + j, c * b * s * (1.0f + a * (1.0f - s)), n - j);
    }
  });
}

static void swiglu_backward(native *e, mat dx, mat dy, mat x) { swiglu_backward_of<floats>(e, dx, dy, x); }

template <class E>
static void rotate_of(native *e, mat x, int dim, const int32_t *positions, mat table, int inverse) {
  const float sign = inverse ? -1.0f : 1.0f;
  const int half = dim / 2;
  each_row(e, x, [&](int i) {
    const float *cosine = row(table, positions[i]), *sine = cosine + half;
    for (typename E::type *h = E::row(x, i), *end = h + x.cols; h < end; h += dim)
      for (int j = 0; j < half; j += LANES) {
        const int n = half - j;
        const vf a = E::load(h + j, n), b = E::load(h + half + j, n), c = load(cosine + j, n), s = load(sine + j, n) * sign;
        E::store(h + j, a * c - b * s, n);
        E::store(h + half + j, b * c + a * s, n);
      }
  });
}

static void rotate(native *e, mat x, int dim, const int32_t *positions, mat table, int inverse) {
  rotate_of<floats>(e, x, dim, positions, table, inverse);
}
