// Causal grouped-query attention over spans, forward and backward, one head of one span at a time. No
// [queries, keys] matrix is kept: a block of query rows sees all its keys at once, the backward pass
// computes the probabilities again from the log sums (Dao et al. 2022, FlashAttention, appendix B).
#pragma once

#include "attention_few.h"

enum { QUERY_BLOCK = 8, BACKWARD_BLOCK = 32 };

// softmax replaces n scores by probabilities and returns the log of the denominator.
INLINE float softmax(float *s, int n, float scale) {
  float z;
  const float m = exponentials(s, n, scale, &z), inverse = 1.0f / z;
  for (int j = 0; j < n; j += LANES) store(s + j, load(s + j, n - j) * inverse, n - j);
  return m + logf(z);
}

// blank sets the scores [from, to) of a row to 0 where they are not in [first, end).
INLINE void blank(float *s, int from, int first, int end, int to) {
  for (int j = from; j < first; j++) s[j] = 0.0f;
  for (int j = end; j < to; j++) s[j] = 0.0f;
}

// head_forward computes one head. kt holds the keys transposed with row stride ts; scores has QUERY_BLOCK rows of that
// stride.
static void head_forward(view w, const float *kt, ptrdiff_t ts, float *scores, float *out, ptrdiff_t os,
                         float *log_sum, ptrdiff_t ls) {
  for (int i = 0; i < w.queries; i += QUERY_BLOCK) {
    const int m = w.queries - i < QUERY_BLOCK ? w.queries - i : QUERY_BLOCK;
    const int from = w.first_seen(i), to = w.end_seen(i + m - 1);
    multiply(m, to - from, w.dim, w.q + i * w.qs, w.qs, 1, kt + from, ts, scores + from, ts, false);
    for (int a = 0; a < m; a++) {
      const int first = w.first_seen(i + a), end = w.end_seen(i + a);
      const float l = softmax(scores + a * ts + first, end - first, w.scale);
      blank(scores + a * ts, from, first, end, to);
      if (log_sum) log_sum[(i + a) * ls] = l;
    }
    multiply(m, w.dim, to - from, scores + from, ts, 1, w.v + from * w.vs, w.vs, out + i * os, os, false);
  }
}

// A task is all heads of a group where there are enough of them, so that the transposed keys are
// shared, and else one head.
INLINE int heads_per_task(native *e, int spans, heads h) {
  return spans * h.key_value >= 4 * e->threads ? h.query / h.key_value : 1;
}

INLINE ptrdiff_t padded(int n) { return (ptrdiff_t)(n + 15) / 16 * 16; }

// span_forward computes the heads [from, from+step) of one span, all of one group.
static void span_forward(native *e, int thread, span s, int from, int step, mat out, mat log_sum, mat q, mat k, mat v,
                         heads h) {
  const ptrdiff_t ts = padded(all_keys(s));
  float *room = take(e, thread, (size_t)(ts * (h.dim + QUERY_BLOCK) + key_room(s, h)));
  if (!room) return;
  float *scores = room + ts * h.dim;
  view w = key_view(k, v, s, h, from / (h.query / h.key_value), scores + ts * QUERY_BLOCK);
  transpose(room, ts, w.k, w.ks, w.keys, w.dim, 1.0f);
  for (int head = from; head < from + step; head++) {
    set_queries(w, q, s, h, head);
    head_forward(w, room, ts, scores, row(out, s.query) + head * h.dim, out.stride,
                 log_sum.data ? row(log_sum, s.query) + head : NULL, log_sum.stride);
  }
}

static void attention(native *e, mat out, mat log_sum, mat q, mat k, mat v, const span *spans, int n, heads h) {
  few_attention<floats>(e, out, log_sum, q, k, v, spans, n, h);
  const int step = heads_per_task(e, n, h), tasks = h.query / step;
  parallel(e->team, n * tasks, [&](int t, int thread) {
    if (is_few(spans[t / tasks])) return;
    span_forward(e, thread, spans[t / tasks], t % tasks * step, step, out, log_sum, q, k, v, h);
  });
}

// gradient is where the backward pass of one head writes, and what it reads besides the forward's view.
struct gradient {
  const float *d_out, *out, *log_sum;
  ptrdiff_t dos, os, ls;
  float *dq, *dk, *dv;
  ptrdiff_t dqs, dks, dvs;
};

// head_backward adds to dk and dv and sets dq. With P the probabilities: dV = Pᵀ·dO,
// dS = P∘(dO·Vᵀ - rowsum(dO∘O))·scale, dQ = dS·K, dK = dSᵀ·Q.
static void head_backward(view w, gradient g, const float *kt, const float *vt, ptrdiff_t ts, float *p, float *ds) {
  for (int i = 0; i < w.queries; i += BACKWARD_BLOCK) {
    const int m = w.queries - i < BACKWARD_BLOCK ? w.queries - i : BACKWARD_BLOCK;
    const int from = w.first_seen(i), to = w.end_seen(i + m - 1), width = to - from;
    const float *q = w.q + i * w.qs, *d_out = g.d_out + i * g.dos;
    multiply(m, width, w.dim, q, w.qs, 1, kt + from, ts, p + from, ts, false);
    multiply(m, width, w.dim, d_out, g.dos, 1, vt + from, ts, ds + from, ts, false);
    for (int a = 0; a < m; a++) {
      const int first = w.first_seen(i + a), end = w.end_seen(i + a);
      const float l = g.log_sum[(i + a) * g.ls], delta = dot(d_out + a * g.dos, g.out + (i + a) * g.os, w.dim);
      float *pr = p + a * ts, *sr = ds + a * ts;
      for (int j = first; j < end; j += LANES) {
        vf e = exponential(load(pr + j, end - j) * w.scale - l);
        store(pr + j, e, end - j);
        store(sr + j, e * (load(sr + j, end - j) - delta) * w.scale, end - j);
      }
      blank(pr, from, first, end, to);
      blank(sr, from, first, end, to);
    }
    multiply(m, w.dim, width, ds + from, ts, 1, w.k + from * w.ks, w.ks, g.dq + i * g.dqs, g.dqs, false);
    multiply(width, w.dim, m, ds + from, 1, ts, q, w.qs, g.dk + from * g.dks, g.dks, true);
    multiply(width, w.dim, m, p + from, 1, ts, d_out, g.dos, g.dv + from * g.dvs, g.dvs, true);
  }
}

// add_rows adds one head's gradient of the keys or values of a prefix and its continuation, [all keys, dim]
// in room, to where these are.
INLINE void add_rows(mat d, span s, int kv, int dim, const float *room) {
  for (int j = 0; j < all_keys(s); j++, room += dim) {
    float *to = row(d, key_row(s, j)) + kv * dim;
    for (int i = 0; i < dim; i += LANES) store(to + i, load(to + i, dim - i) + load(room + i, dim - i), dim - i);
  }
}

// span_backward computes the heads of one group in one span.
static void span_backward(native *e, int thread, span s, int kv, mat dq, mat dk, mat dv, mat d_out, mat out,
                          mat log_sum, mat q, mat k, mat v, heads h) {
  const int group = h.query / h.key_value;
  const ptrdiff_t ts = padded(all_keys(s)), copied = key_room(s, h);
  float *kt = take(e, thread, (size_t)(ts * (2 * h.dim + 2 * BACKWARD_BLOCK) + 2 * copied));
  if (!kt) return;
  float *vt = kt + ts * h.dim, *p = vt + ts * h.dim, *ds = p + ts * BACKWARD_BLOCK, *room = ds + ts * BACKWARD_BLOCK;
  view w = key_view(k, v, s, h, kv, room);
  transpose(kt, ts, w.k, w.ks, w.keys, w.dim, 1.0f);
  transpose(vt, ts, w.v, w.vs, w.keys, w.dim, 1.0f);
  float *d_keys = room + copied, *d_values = d_keys + copied / 2;  // used only where the keys are in two places
  if (copied > 0) memset(d_keys, 0, sizeof(float) * (size_t)copied);
  for (int head = kv * group; head < (kv + 1) * group; head++) {
    set_queries(w, q, s, h, head);
    gradient g = {row(d_out, s.query) + head * h.dim, row(out, s.query) + head * h.dim, row(log_sum, s.query) + head,
                  d_out.stride, out.stride, log_sum.stride,
                  row(dq, s.query) + head * h.dim, row(dk, s.key) + kv * h.dim, row(dv, s.key) + kv * h.dim,
                  dq.stride, dk.stride, dv.stride};
    if (copied > 0) g.dk = d_keys, g.dv = d_values, g.dks = g.dvs = h.dim;
    head_backward(w, g, kt, vt, ts, p, ds);
  }
  if (copied > 0) {
    add_rows(dk, s, kv, h.dim, d_keys);
    add_rows(dv, s, kv, h.dim, d_values);
  }
}

// Tasks are (span with its continuations, key-value head), so that all that is added to one row of dk and dv
// comes from one task, in a fixed order.
static void attention_backward(native *e, mat dq, mat dk, mat dv, mat d_out, mat out, mat log_sum, mat q, mat k, mat v,
                               const span *spans, int n, heads h) {
  zero(e, dk);
  zero(e, dv);
  parallel(e->team, n * h.key_value, [&](int t, int thread) {
    const int kv = t % h.key_value;
    int i = t / h.key_value;
    if (spans[i].prefixed > 0) return;  // belongs to an earlier one
    do span_backward(e, thread, spans[i], kv, dq, dk, dv, d_out, out, log_sum, q, k, v, h);
    while (++i < n && spans[i].prefixed > 0);
  });
}
