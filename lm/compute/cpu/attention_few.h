// Causal attention for spans of few queries, as in decoding, where reading keys and values is the cost: the heads of a
// group read them together, and the keys are parted into chunks, whose results are joined by their largest scores
// ("Flash-Decoding for long-context inference", Dao et al. 2023). A chunk's size does not depend on the number of threads.
#pragma once

#include "attention_views.h"
#include "low_rank.h"

enum { FEW_QUERIES = 8, CHUNK_KEYS = 128, FEW_HEADS = 4 };

// is_few says whether a span is one of those.
INLINE bool is_few(span s) { return s.queries <= FEW_QUERIES; }

INLINE int chunks_of(span s) { return (all_keys(s) + CHUNK_KEYS - 1) / CHUNK_KEYS; }

// part_floats is the size of what a chunk has for one head of one query: sums of values [dim], the largest score, and the
// sum of the exponentials.
INLINE int part_floats(int dim) { return dim + 2; }

// row_sums returns the sum of each of LANES vectors.
INLINE vf row_sums(const vf *a) {
#if LANES == 16
  vf b[8], c[4], d[2];
  for (int i = 0; i < 8; i++)
    b[i] = (vf)_mm512_unpacklo_ps((__m512)a[2 * i], (__m512)a[2 * i + 1]) + (vf)_mm512_unpackhi_ps((__m512)a[2 * i], (__m512)a[2 * i + 1]);
  for (int i = 0; i < 4; i++) {
    const __m512d x = (__m512d)b[2 * i], y = (__m512d)b[2 * i + 1];
    c[i] = (vf)_mm512_unpacklo_pd(x, y) + (vf)_mm512_unpackhi_pd(x, y);
  }
  // What is left is to add up the quarters of each.
  for (int i = 0; i < 2; i++) {
    const __m512 x = (__m512)c[2 * i], y = (__m512)c[2 * i + 1];
    d[i] = (vf)_mm512_shuffle_f32x4(x, y, 0x88) + (vf)_mm512_shuffle_f32x4(x, y, 0xdd);
  }
  return (vf)_mm512_shuffle_f32x4((__m512)d[0], (__m512)d[1], 0x88) + (vf)_mm512_shuffle_f32x4((__m512)d[0], (__m512)d[1], 0xdd);
#else
  vf s;
  for (int i = 0; i < LANES; i++) s[i] = sum(a[i]);
  return s;
#endif
}

// score_keys sets scores [N, CHUNK_KEYS] to the products of N queries with the keys [from, to) of a span.
template <class F, int N>
static void score_keys(mat k, span s, int column, int dim, const float *const *q, int from, int to, float *scores) {
  for (int j = from; j < to; j += LANES) {
    vf sums[N][LANES] = {};
    const int some = to - j < LANES ? to - j : LANES;
    for (int i = 0; i < some; i++) {
      const typename F::type *key = F::row(k, key_row(s, j + i)) + column;
      vf a[N] = {};
      for (int d = 0; d < dim; d += LANES) {
        const vf x = F::load(key + d, dim - d);
#pragma GCC unroll 4
        for (int n = 0; n < N; n++) a[n] += x * load(q[n] + d, dim - d);
      }
#pragma GCC unroll 4
      for (int n = 0; n < N; n++) sums[n][i] = a[n];
    }
#pragma GCC unroll 4
    for (int n = 0; n < N; n++) store(scores + n * CHUNK_KEYS + j - from, row_sums(sums[n]), some);
  }
}

// add_values sets out [N, dim], whose rows are stride apart, to the sums of the values of the keys [from, to), weighted.
template <class F, int N>
static void add_values(mat v, span s, int column, int dim, const float *weights, int from, int to, float *out, int stride) {
  enum { VECTORS = 4 };
  for (int d = 0; d < dim; d += VECTORS * LANES) {
    vf sums[N][VECTORS] = {};
    for (int j = from; j < to; j++) {
      const typename F::type *value = F::row(v, key_row(s, j)) + column + d;
#pragma GCC unroll 4
      for (int c = 0; c < VECTORS; c++) {
        if (d + c * LANES >= dim) continue;
        const vf x = F::load(value + c * LANES, dim - d - c * LANES);
#pragma GCC unroll 4
        for (int n = 0; n < N; n++) sums[n][c] += x * weights[n * CHUNK_KEYS + j - from];
      }
    }
    for (int n = 0; n < N; n++)
      for (int c = 0; c < VECTORS && d + c * LANES < dim; c++)
        store(out + n * stride + d + c * LANES, sums[n][c], dim - d - c * LANES);
  }
}

// exponentials replaces n scores s by e^(scale·(s - the largest s)), sets total to their sum, and returns scale times the
// largest score.
INLINE float exponentials(float *s, int n, float scale, float *total) {
  vf top = splat(-INFINITY);
  for (int j = 0; j < n; j += LANES) {
    const vf a = load(s + j, n - j);
    top = max(top, n - j >= LANES ? a : first(n - j) ? a : splat(-INFINITY));
  }
  const float m = largest(top);
  vf all = {};
  for (int j = 0; j < n; j += LANES) {
    vf p = exponential((load(s + j, n - j) - m) * scale);
    if (n - j < LANES) p = first(n - j) ? p : vf{};
    all += p;
    store(s + j, p, n - j);
  }
  *total = sum(all);
  return m * scale;
}

// weigh replaces the scores [from, to) of a row by exponentials, zeros where the row does not see a key, and writes the
// largest score and the sum of the exponentials to part.
static void weigh(float *scores, int from, int to, int seen, int end, float scale, float *part) {
  seen = seen > from ? seen : from;
  end = end < to ? end : to;
  part[0] = -INFINITY, part[1] = 0.0f;
  for (int j = from; j < to; j++)
    if (j < seen || j >= end) scores[j - from] = 0.0f;
  if (seen >= end) return;
  part[0] = exponentials(scores + seen - from, end - seen, scale, part + 1);
}

// few_chunk computes what the keys [from, to) of a span give for all queries of a key-value head, N heads at a time.
template <class F, int N>
static void few_chunk(mat q, mat k, mat v, span s, heads h, int kv, int head, int query, int from, int to, float *part) {
  const view w = sizes(s, h);
  const int size = part_floats(h.dim);
  const float *rows[N];
  float scores[N * CHUNK_KEYS];
  for (int n = 0; n < N; n++) rows[n] = row(q, s.query + query) + (head + n) * h.dim;
  score_keys<F, N>(k, s, kv * h.dim, h.dim, rows, from, to, scores);
  for (int n = 0; n < N; n++)
    weigh(scores + n * CHUNK_KEYS, from, to, w.first_seen(query), w.end_seen(query), w.scale, part + n * size + h.dim);
  add_values<F, N>(v, s, kv * h.dim, h.dim, scores, from, to, part, size);
}

// join sets a row of out to what the chunks of its keys gave, whose parts are stride apart, and log_sum, if any.
static void join(const float *part, ptrdiff_t stride, int chunks, int dim, float *out, float *log_sum) {
  float top = -INFINITY, total = 0.0f;
  for (int c = 0; c < chunks; c++) top = part[c * stride + dim] > top ? part[c * stride + dim] : top;
  for (int d = 0; d < dim; d += LANES) store(out + d, vf{}, dim - d);
  for (int c = 0; c < chunks; c++, part += stride) {
    const float f = expf(part[dim] - top);
    total += f * part[dim + 1];
    for (int d = 0; d < dim; d += LANES) store(out + d, load(out + d, dim - d) + load(part + d, dim - d) * f, dim - d);
  }
  for (int d = 0; d < dim; d += LANES) store(out + d, load(out + d, dim - d) / total, dim - d);
  if (log_sum) *log_sum = top + logf(total);
}

// few_attention computes the spans of few queries and leaves the others out. Keys and values are of F's kind.
template <class F>
static void few_attention(native *e, mat out, mat log_sum, mat q, mat k, mat v, const span *spans, int n, heads h) {
  const int group = h.query / h.key_value, size = part_floats(h.dim);
  int tasks = 0;
  size_t floats = 0;
  for (int i = 0; i < n; i++) {
    if (!is_few(spans[i])) continue;
    tasks += chunks_of(spans[i]) * h.key_value;
    floats += (size_t)(chunks_of(spans[i]) * h.query * spans[i].queries) * (size_t)size;
  }
  if (tasks == 0) return;
  float *parts = take(e, e->threads, floats);
  if (!parts) return;
  // In a span's parts chunk follows chunk, in each query follows query, in each head follows head.
  parallel(e->team, tasks, [&](int t, int) {
    float *part = parts;
    const span *s = spans;
    for (;; s++) {
      if (!is_few(*s)) continue;
      if (t < chunks_of(*s) * h.key_value) break;
      t -= chunks_of(*s) * h.key_value;
      part += (ptrdiff_t)chunks_of(*s) * h.query * s->queries * size;
    }
    const int kv = t % h.key_value, from = t / h.key_value * CHUNK_KEYS,
              to = from + CHUNK_KEYS < all_keys(*s) ? from + CHUNK_KEYS : all_keys(*s);
    for (int i = 0; i < s->queries; i++)
      for (int head = kv * group; head < (kv + 1) * group; head += FEW_HEADS) {
        float *p = part + ((ptrdiff_t)(t / h.key_value * s->queries + i) * h.query + head) * size;
        switch ((kv + 1) * group - head) {
          case 1: few_chunk<F, 1>(q, k, v, *s, h, kv, head, i, from, to, p); break;
          case 2: few_chunk<F, 2>(q, k, v, *s, h, kv, head, i, from, to, p); break;
          case 3: few_chunk<F, 3>(q, k, v, *s, h, kv, head, i, from, to, p); break;
          default: few_chunk<F, FEW_HEADS>(q, k, v, *s, h, kv, head, i, from, to, p);
        }
      }
  });
  const float *part = parts;
  for (const span *s = spans; s < spans + n; s++) {
    if (!is_few(*s)) continue;
    const ptrdiff_t stride = (ptrdiff_t)s->queries * h.query * size;
    for (int i = 0; i < s->queries; i++)
      for (int head = 0; head < h.query; head++)
        join(part + ((ptrdiff_t)i * h.query + head) * size, stride, chunks_of(*s), h.dim, row(out, s->query + i) + head * h.dim,
             log_sum.data ? row(log_sum, s->query + i) + head : NULL);
    part += stride * chunks_of(*s);
  }
}
