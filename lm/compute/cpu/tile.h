// Small matrix products inside one thread: for the thin matrices of adapters and for attention, where a
// library's packing and threading cost more than the product.
#pragma once

#include "vec.h"

// A tile of TILE_ROWS x TILE_VECTORS accumulators and its operands fill the vector registers.
enum { TILE_ROWS = LANES == 16 ? 8 : 4, TILE_VECTORS = 3 };

// tile sets c [M, V·LANES] = a·b over k terms, or adds it. Element (m, k) of a is at a[m·am + k·ak].
template <int M, int V>
INLINE void tile(int k, const float *a, ptrdiff_t am, ptrdiff_t ak, const float *b, ptrdiff_t bk, float *c,
                 ptrdiff_t cm, bool add) {
  vf s[M][V];
#pragma GCC unroll 8
  for (int m = 0; m < M; m++)
#pragma GCC unroll 3
    for (int v = 0; v < V; v++) s[m][v] = add ? load(c + m * cm + v * LANES) : vf{};
  for (; k > 0; k--, a += ak, b += bk) {
    vf y[V];
#pragma GCC unroll 3
    for (int v = 0; v < V; v++) y[v] = load(b + v * LANES);
#pragma GCC unroll 8
    for (int m = 0; m < M; m++) {
      vf x = splat(a[m * am]);
#pragma GCC unroll 3
      for (int v = 0; v < V; v++) s[m][v] += x * y[v];
    }
  }
#pragma GCC unroll 8
  for (int m = 0; m < M; m++)
#pragma GCC unroll 3
    for (int v = 0; v < V; v++) store(c + m * cm + v * LANES, s[m][v]);
}

template <int M>
static void multiply_rows(int n, int k, const float *a, ptrdiff_t am, ptrdiff_t ak, const float *b, ptrdiff_t bk,
                          float *c, ptrdiff_t cm, bool add) {
  int j = 0;
  for (; j + TILE_VECTORS * LANES <= n; j += TILE_VECTORS * LANES)
    tile<M, TILE_VECTORS>(k, a, am, ak, b + j, bk, c + j, cm, add);
  for (; j + LANES <= n; j += LANES) tile<M, 1>(k, a, am, ak, b + j, bk, c + j, cm, add);
  for (; j < n; j++)
    for (int m = 0; m < M; m++) {
      float s = add ? c[m * cm + j] : 0.0f;
      for (int i = 0; i < k; i++) s += a[m * am + i * ak] * b[i * bk + j];
      c[m * cm + j] = s;
    }
}

// multiply sets c [m, n] = a·b, or adds it; a as in tile, b [k, n] with row stride bk, c with cm.
static void multiply(int m, int n, int k, const float *a, ptrdiff_t am, ptrdiff_t ak, const float *b, ptrdiff_t bk,
                     float *c, ptrdiff_t cm, bool add) {
  int i = 0;
  for (; i + TILE_ROWS <= m; i += TILE_ROWS)
    multiply_rows<TILE_ROWS>(n, k, a + i * am, am, ak, b, bk, c + i * cm, cm, add);
  for (; i + 4 <= m; i += 4) multiply_rows<4>(n, k, a + i * am, am, ak, b, bk, c + i * cm, cm, add);
  for (; i < m; i++) multiply_rows<1>(n, k, a + i * am, am, ak, b, bk, c + i * cm, cm, add);
}

// transpose sets dst[j·ds + i] = scale·src[i·ss + j] for i < rows, j < cols.
static void transpose(float *dst, ptrdiff_t ds, const float *src, ptrdiff_t ss, int rows, int cols, float scale) {
  enum { BLOCK = 16 };
  for (int i = 0; i < rows; i += BLOCK)
    for (int j = 0; j < cols; j++) {
      const float *s = src + (ptrdiff_t)i * ss + j;
      float *d = dst + (ptrdiff_t)j * ds + i;
      int n = rows - i < BLOCK ? rows - i : BLOCK;
      for (int t = 0; t < n; t++) d[t] = scale * s[t * ss];
    }
}
