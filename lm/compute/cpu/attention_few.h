// Attention of a few queries to many keys, as in decoding, where reading keys and values is the cost: a task is a chunk of
// the keys of one key-value head for all queries that share it, so that each is read once. The chunks' results are put
// together afterwards, as in Flash-Decoding (Dao et al. 2023). Everything is in float32.
#pragma once

#include "attention.h"

// few_layout says where the results of a span's chunks lie. A row is a query of a head of the group; its result is the
// weighted mean of the chunk's values [dim] and the log of the sum of its weights.
struct few_layout {
  int chunks, group, rows;
  ptrdiff_t step;

  few_layout(span s, heads h) {
    enum { CHUNK = 128 };  // keys; results do not depend on the number of threads
    group = h.query / h.key_value;
    rows = group * s.queries;
    chunks = (s.keys + CHUNK - 1) / CHUNK;
    step = h.dim + LANES;
  }
  int first(int chunk, int keys) const { return (int)((ptrdiff_t)keys * chunk / chunks); }
  size_t floats(heads h) const { return (size_t)(step * chunks * rows) * (size_t)h.key_value; }
  float *at(float *results, int kv, int chunk, int r) const { return results + ((ptrdiff_t)(kv * chunks + chunk) * rows + r) * step; }
};

// few_suits reports whether attention_few computes a span.
INLINE bool few_suits(span s, heads h) { return s.queries <= FEW_ROWS && s.prefixed == 0 && h.dim % LANES == 0; }

// ahead_rows asks for rows of keys or values that are needed soon.
INLINE void ahead_rows(const float *p, ptrdiff_t stride, int rows, int dim) {
  for (int i = 0; i < rows; i++)
    for (int d = 0; d < dim; d += LANES) __builtin_prefetch(p + i * stride + d);
}

// few_values sets columns of ROWS rows of out to the sum of n values, weighted.
template <int ROWS, int VECTORS>
INLINE void few_values(const float *v, ptrdiff_t vs, int n, const float *weights, ptrdiff_t ws, float *out, ptrdiff_t os) {
  vf sums[ROWS][VECTORS] = {};
  for (int j = 0; j < n; j++, v += vs) {
    vf x[VECTORS];
#pragma GCC unroll 4
    for (int i = 0; i < VECTORS; i++) x[i] = load(v + i * LANES);
#pragma GCC unroll 4
    for (int r = 0; r < ROWS; r++)
#pragma GCC unroll 4
      for (int i = 0; i < VECTORS; i++) sums[r][i] += splat(weights[r * ws + j]) * x[i];
  }
#pragma GCC unroll 4
  for (int r = 0; r < ROWS; r++)
#pragma GCC unroll 4
    for (int i = 0; i < VECTORS; i++) store(out + r * os + i * LANES, sums[r][i]);
}

template <int ROWS>
static void few_values(const float *v, ptrdiff_t vs, int n, int dim, const float *weights, ptrdiff_t ws, float *out, ptrdiff_t os) {
  int d = 0;
  for (; d + 4 * LANES <= dim; d += 4 * LANES) few_values<ROWS, 4>(v + d, vs, n, weights, ws, out + d, os);
  for (; d < dim; d += LANES) few_values<ROWS, 1>(v + d, vs, n, weights, ws, out + d, os);
}

// few_chunk computes a chunk's results for all rows of a key-value head.
static void few_chunk(native *e, int thread, span s, int kv, int chunk, const few_layout &at, mat q, mat k, mat v, heads h,
                      float *results) {
  enum { BLOCK = 16, ROWS = 4 };
  const view w = key_view(k, v, s, h, kv, NULL);
  const int from = at.first(chunk, w.keys), to = at.first(chunk + 1, w.keys);
  const ptrdiff_t ws = padded(to - from);
  float *weights = take(e, thread, (size_t)(ws * at.rows));
  if (!weights) return;
  for (int j = from; j < to; j += BLOCK) {
    const int end = j + BLOCK < to ? j + BLOCK : to;
    ahead_rows(w.k + end * w.ks, w.ks, to - end < BLOCK ? to - end : (int)BLOCK, w.dim);
    ahead_rows(w.v + j * w.vs, w.vs, end - j, w.dim);
    for (int r = 0; r < at.rows; r++)
      key_scores(w, row(q, s.query + r / at.group) + (kv * at.group + r % at.group) * h.dim, j, end, weights + r * ws - from);
  }
  for (int r = 0; r < at.rows; r++) {
    const int seen = w.first_seen(r / at.group), end = w.end_seen(r / at.group);
    const int a = (seen > from ? seen : from) - from, b = (end < to ? end : to) - from;
    float *p = weights + r * ws;
    at.at(results, kv, chunk, r)[h.dim] = a < b ? softmax(p + a, b - a, w.scale) : -INFINITY;
    blank(p, 0, a < b ? a : to - from, b, to - from);
  }
  for (int r = 0; r < at.rows; r += ROWS) {
    const float *values = w.v + from * w.vs, *p = weights + r * ws;
    float *out = at.at(results, kv, chunk, r);
    switch (at.rows - r) {
      case 1: few_values<1>(values, w.vs, to - from, w.dim, p, ws, out, at.step); break;
      case 2: few_values<2>(values, w.vs, to - from, w.dim, p, ws, out, at.step); break;
      case 3: few_values<3>(values, w.vs, to - from, w.dim, p, ws, out, at.step); break;
      default: few_values<ROWS>(values, w.vs, to - from, w.dim, p, ws, out, at.step);
    }
  }
}

// few_join puts a row's chunks together.
static void few_join(span s, int kv, int r, const few_layout &at, float *results, mat out, mat log_sum, heads h) {
  const int head = kv * at.group + r % at.group;
  float top = -INFINITY, total = 0.0f;
  for (int c = 0; c < at.chunks; c++) {
    const float l = at.at(results, kv, c, r)[h.dim];
    top = l > top ? l : top;
  }
  for (int c = 0; c < at.chunks; c++) total += expf(at.at(results, kv, c, r)[h.dim] - top);
  float *d = row(out, s.query + r / at.group) + head * h.dim;
  for (int c = 0; c < at.chunks; c++) {
    const float *p = at.at(results, kv, c, r), share = expf(p[h.dim] - top) / total;
    for (int j = 0; j < h.dim; j += LANES) store(d + j, (c > 0 ? load(d + j) : vf{}) + share * load(p + j));
  }
  if (log_sum.data) row(log_sum, s.query + r / at.group)[head] = top + logf(total);
}

// attention_few computes one span that few_suits.
static void attention_few(native *e, mat out, mat log_sum, mat q, mat k, mat v, span s, heads h) {
  const few_layout at(s, h);
  float *results = take(e, e->threads, at.floats(h));
  if (!results) return;
  parallel(e->team, h.key_value * at.chunks, [&](int t, int thread) {
    few_chunk(e, thread, s, t / at.chunks, t % at.chunks, at, q, k, v, h, results);
  });
  for (int kv = 0; kv < h.key_value; kv++)
    for (int r = 0; r < at.rows; r++) few_join(s, kv, r, at, results, out, log_sum, h);
}
