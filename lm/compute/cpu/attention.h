// Causal grouped-query attention over spans, forward and backward, one head of one span at a time. No
// [queries, keys] matrix is kept: a block of query rows sees all its keys at once, the backward pass
// computes the probabilities again from the log sums (Dao et al. 2022, FlashAttention, appendix B).
#pragma once

#include "low_rank.h"

enum { QUERY_BLOCK = 8, BACKWARD_BLOCK = 32 };

// view is one head of one span: pointers to its first rows.
struct view {
  const float *q, *k, *v;
  ptrdiff_t qs, ks, vs;
  int queries, keys, dim;
  float scale;

  // visible returns how many keys query i sees.
  int visible(int i) const { return keys - queries + i + 1; }
};

INLINE view head_view(mat q, mat k, mat v, span s, heads h, int head) {
  const int kv = head / (h.query / h.key_value);
  return view{row(q, s.query) + head * h.dim, row(k, s.key) + kv * h.dim, row(v, s.key) + kv * h.dim, q.stride,
              k.stride, v.stride, s.queries, s.keys, h.dim, 1.0f / sqrtf((float)h.dim)};
}

// softmax replaces the first n scores by probabilities and the rest up to width by 0; it returns the
// log of the denominator.
INLINE float softmax(float *s, int n, int width, float scale) {
  vf top = splat(-INFINITY);
  for (int j = 0; j < n; j += LANES) {
    vf a = load(s + j, n - j) * scale;
    store(s + j, a, n - j);
    top = max(top, n - j >= LANES ? a : first(n - j) ? a : splat(-INFINITY));
  }
  const float m = largest(top);
  vf total = {};
  for (int j = 0; j < n; j += LANES) {
    vf p = exponential(load(s + j, n - j) - m);
    if (n - j < LANES) p = first(n - j) ? p : vf{};
    total += p;
    store(s + j, p, n - j);
  }
  const float z = sum(total), inverse = 1.0f / z;
  for (int j = 0; j < n; j += LANES) store(s + j, load(s + j, n - j) * inverse, n - j);
  for (int j = n; j < width; j++) s[j] = 0.0f;
  return m + logf(z);
}

// head_forward computes one head. kt, if any, holds the keys transposed with row stride ts; scores has
// QUERY_BLOCK rows of that stride.
static void head_forward(view w, const float *kt, ptrdiff_t ts, float *scores, float *out, ptrdiff_t os,
                         float *log_sum, ptrdiff_t ls) {
  for (int i = 0; i < w.queries; i += QUERY_BLOCK) {
    const int m = w.queries - i < QUERY_BLOCK ? w.queries - i : QUERY_BLOCK;
    const int width = w.visible(i + m - 1);
    if (kt) {
      multiply(m, width, w.dim, w.q + i * w.qs, w.qs, 1, kt, ts, scores, ts, false);
    } else {
      for (int a = 0; a < m; a++)
        for (int j = 0; j < width; j++) scores[a * ts + j] = dot(w.q + (i + a) * w.qs, w.k + j * w.ks, w.dim);
    }
    for (int a = 0; a < m; a++) {
      const float l = softmax(scores + a * ts, w.visible(i + a), width, w.scale);
      if (log_sum) log_sum[(i + a) * ls] = l;
    }
    multiply(m, w.dim, width, scores, ts, 1, w.v, w.vs, out + i * os, os, false);
  }
}

// A task is all heads of a group where there are enough of them, so that the transposed keys are
// shared, and else one head.
INLINE int heads_per_task(native *e, int spans, heads h) {
  return spans * h.key_value >= 4 * e->threads ? h.query / h.key_value : 1;
}

INLINE ptrdiff_t padded(int n) { return (ptrdiff_t)(n + 15) / 16 * 16; }

static void attention(native *e, mat out, mat log_sum, mat q, mat k, mat v, const span *spans, int n, heads h) {
  const int step = heads_per_task(e, n, h), tasks = h.query / step;
  parallel(e->team, n * tasks, [&](int t, int thread) {
    const span s = spans[t / tasks];
    const ptrdiff_t ts = padded(s.keys);
    float *room = take(e, thread, (size_t)ts * (size_t)(h.dim + QUERY_BLOCK));
    if (!room) return;
    float *scores = room + ts * h.dim;
    const int from = t % tasks * step;
    const bool few = s.queries <= FEW_ROWS;
    for (int head = from; head < from + step; head++) {
      const view w = head_view(q, k, v, s, h, head);
      if (!few && head == from) transpose(room, ts, w.k, w.ks, w.keys, w.dim, 1.0f);
      head_forward(w, few ? NULL : room, ts, scores, row(out, s.query) + head * h.dim, out.stride,
                   log_sum.data ? row(log_sum, s.query) + head : NULL, log_sum.stride);
    }
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
    const int width = w.visible(i + m - 1);
    const float *q = w.q + i * w.qs, *d_out = g.d_out + i * g.dos;
    multiply(m, width, w.dim, q, w.qs, 1, kt, ts, p, ts, false);
    multiply(m, width, w.dim, d_out, g.dos, 1, vt, ts, ds, ts, false);
    for (int a = 0; a < m; a++) {
      const int n = w.visible(i + a);
      const float l = g.log_sum[(i + a) * g.ls], delta = dot(d_out + a * g.dos, g.out + (i + a) * g.os, w.dim);
      float *pr = p + a * ts, *sr = ds + a * ts;
      for (int j = 0; j < n; j += LANES) {
        vf e = exponential(load(pr + j, n - j) * w.scale - l);
        store(pr + j, e, n - j);
        store(sr + j, e * (load(sr + j, n - j) - delta) * w.scale, n - j);
      }
      for (int j = n; j < width; j++) pr[j] = sr[j] = 0.0f;
    }
    multiply(m, w.dim, width, ds, ts, 1, w.k, w.ks, g.dq + i * g.dqs, g.dqs, false);
    multiply(width, w.dim, m, ds, 1, ts, q, w.qs, g.dk, g.dks, true);
    multiply(width, w.dim, m, p, 1, ts, d_out, g.dos, g.dv, g.dvs, true);
  }
}

// Tasks are (span, key-value head), so that the heads of a group add to dk and dv in a fixed order.
static void attention_backward(native *e, mat dq, mat dk, mat dv, mat d_out, mat out, mat log_sum, mat q, mat k, mat v,
                               const span *spans, int n, heads h) {
  zero(e, dk);
  zero(e, dv);
  const int group = h.query / h.key_value;
  parallel(e->team, n * h.key_value, [&](int t, int thread) {
    const span s = spans[t / h.key_value];
    const int kv = t % h.key_value;
    const ptrdiff_t ts = padded(s.keys);
    float *kt = take(e, thread, (size_t)ts * (size_t)(2 * h.dim + 2 * BACKWARD_BLOCK));
    if (!kt) return;
    float *vt = kt + ts * h.dim, *p = vt + ts * h.dim, *ds = p + ts * BACKWARD_BLOCK;
    for (int head = kv * group; head < (kv + 1) * group; head++) {
      const view w = head_view(q, k, v, s, h, head);
      if (head == kv * group) {
        transpose(kt, ts, w.k, w.ks, w.keys, w.dim, 1.0f);
        transpose(vt, ts, w.v, w.vs, w.keys, w.dim, 1.0f);
      }
      const gradient g = {row(d_out, s.query) + head * h.dim, row(out, s.query) + head * h.dim,
                          row(log_sum, s.query) + head, d_out.stride, out.stride, log_sum.stride,
                          row(dq, s.query) + head * h.dim, row(dk, s.key) + kv * h.dim, row(dv, s.key) + kv * h.dim,
                          dq.stride, dk.stride, dv.stride};
      head_backward(w, g, kt, vt, ts, p, ds);
    }
  });
}
