// Products of a few rows with quantised weights, as in decoding, where reading the weights is the cost:
// blocks are unpacked in registers and multiplied with float32 activations.
#pragma once

#include "blocks.h"
#include "low_rank.h"

// weight_rows computes outputs [from, to) of M rows of x. sums [M, blocks] holds the sums of x's blocks, which
// the offsets are multiplied with. Weights are read as they lie in memory: four rows at once took twice as
// long for Q8_0 on a Zen 4, two blocks at once gained nothing.
template <class F, int M>
static void weight_rows(mat y, mat x, const blocks &w, const float *sums, int from, int to, bool add) {
  enum { VECTORS = BLOCK_VALUES / LANES };
  const int n = w.cols / BLOCK_VALUES;
  const uint8_t *p = w.data + (ptrdiff_t)from * n * F::BYTES;
  for (int o = from; o < to; o++) {
    vf s[M] = {};
    float t[M] = {};
    for (int b = 0; b < n; b++, p += F::BYTES) {
      vf v[VECTORS];
      F::unpack(p, v);
      const vf factor = splat(F::factor(p));
      const float offset = F::offset(p);
#pragma GCC unroll 4
      for (int m = 0; m < M; m++) {
        const float *a = x.data + m * x.stride + b * BLOCK_VALUES;
        vf d = v[0] * load(a);
#pragma GCC unroll 8
        for (int i = 1; i < VECTORS; i++) d += v[i] * load(a + i * LANES);
        s[m] += factor * d;
        if (F::OFFSET) t[m] += offset * sums[m * n + b];
      }
    }
    for (int m = 0; m < M; m++) {
      float *d = y.data + m * y.stride + w.column + o;
      *d = (add ? *d : 0.0f) + sum(s[m]) + t[m];
    }
  }
}

template <class F>
static void weight_rows(mat y, mat x, blocks w, const float *sums, int from, int to, bool add) {
  switch (x.rows) {
    case 1: return weight_rows<F, 1>(y, x, w, sums, from, to, add);
    case 2: return weight_rows<F, 2>(y, x, w, sums, from, to, add);
    case 3: return weight_rows<F, 3>(y, x, w, sums, from, to, add);
    default: return weight_rows<F, FEW_ROWS>(y, x, w, sums, from, to, add);
  }
}

// few_rows sets y = x·wᵀ, or adds to it, for 1 to FEW_ROWS rows; parts are stacked over y's columns.
static void few_rows(native *e, mat y, mat x, const blocks *parts, int n, int add) {
  enum { PIECE = 64 };
  const int count = x.cols / BLOCK_VALUES;
  float *sums = take(e, e->threads, (size_t)(count * x.rows));
  if (!sums) return;
  for (int m = 0; m < x.rows; m++)
    for (int b = 0; b < count; b++) {
      vf s = {};
      for (int i = 0; i < BLOCK_VALUES; i += LANES) s += load(row(x, m) + b * BLOCK_VALUES + i);
      sums[m * count + b] = sum(s);
    }
  parallel(e->team, (y.cols + PIECE - 1) / PIECE, [&](int piece, int) {
    const int from = piece * PIECE, to = from + PIECE < y.cols ? from + PIECE : y.cols;
    for (const blocks *w = parts; w < parts + n; w++) {
      const int a = from > w->column ? from - w->column : 0, b = to - w->column < w->rows ? to - w->column : w->rows;
      if (a >= b) continue;
      switch (w->format) {
        case BLOCKS_Q4_0: weight_rows<q4_0>(y, x, *w, sums, a, b, add); break;
        case BLOCKS_Q4_1: weight_rows<q4_1>(y, x, *w, sums, a, b, add); break;
        case BLOCKS_Q8_0: weight_rows<q8_0>(y, x, *w, sums, a, b, add); break;
      }
    }
  });
}
