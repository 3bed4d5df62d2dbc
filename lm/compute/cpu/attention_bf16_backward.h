// The backward pass of attention_bf16.h. Scores are computed transposed, one block of keys against all queries, so
// that only the gradient of the queries has to be turned. The formulas are in attention.h.
#pragma once

#include "attention_bf16.h"

// span16 is what one key-value head of one span needs.
struct span16 {
  int queries, keys, dim;
  ptrdiff_t qd, kd, dd;              // padded: queries and keys as depth, the head's elements as depth
  b16 *k, *v;                        // rows [keys, dd], left operands
  b16 *kt;                           // [dim, kd], left operand
  b16 *q_columns, *d_columns;        // panels of the queries and of dOut as columns
  b16 *q_depth, *d_depth;            // the same with the queries as depth
  b16 *p, *ds;                       // [TILE, qd], left operands
  b16 *ds_depth;                     // panels: queries as columns, keys as depth
  float *scores, *d_scores;          // [TILE, qd]
  float *dk, *dv;                    // [keys, dim]
  float *dqt;                        // [dim, qd]
  float *query, *d_out, *out;        // [queries, dim], where these have to be converted
  float *delta, *log_sum;            // [queries]
};

// layout hands out the memory, and returns how much it is.
static size_t layout(span16 &t, span s, heads h, b16 *data) {
  t.queries = s.queries, t.keys = all_keys(s), t.dim = h.dim;
  t.qd = up(s.queries, DEPTH), t.kd = up(t.keys, DEPTH), t.dd = up(h.dim, DEPTH);
  room16 room;
  room.data = data;
  const auto floats = [&](size_t n) { return (float *)room.take(2 * n); };
  const size_t rows = (size_t)up(t.keys, TILE), dims = (size_t)up(h.dim, TILE), q = (size_t)t.qd;
  t.k = room.take(rows * (size_t)(t.dd + DEPTH));
  t.v = room.take(rows * (size_t)(t.dd + DEPTH));
  t.kt = room.take(dims * (size_t)(t.kd + DEPTH));
  t.q_columns = room.take(q * (size_t)t.dd);
  t.d_columns = room.take(q * (size_t)t.dd);
  t.q_depth = room.take(dims * q);
  t.d_depth = room.take(dims * q);
  t.p = room.take(TILE * (q + DEPTH));
  t.ds = room.take(TILE * (q + DEPTH));
  t.ds_depth = room.take(q * (size_t)t.kd);
  t.scores = floats(TILE * q);
  t.d_scores = floats(TILE * q);
  t.dk = floats((size_t)t.keys * (size_t)h.dim);
  t.dv = floats((size_t)t.keys * (size_t)h.dim);
  t.dqt = floats((size_t)h.dim * q);
  t.delta = floats(q);
  t.log_sum = floats(q);
  t.query = floats(q * (size_t)h.dim);
  t.d_out = floats(q * (size_t)h.dim);
  t.out = floats(q * (size_t)h.dim);
  return room.used;
}

// head_operands packs the queries, times scale, and dOut of one head.
static void head_operands(const span16 &t, const view &w, const gradient &g) {
  const int depth = (int)t.qd;
  for (int i = 0; i < t.queries; i += PANEL) {
    const int n = t.queries - i < PANEL ? t.queries - i : PANEL;
    rows_to_columns(t.q_columns + (ptrdiff_t)i * t.dd, w.q + i * w.qs, w.qs, 0, n, t.dim, w.scale);
    rows_to_columns(t.d_columns + (ptrdiff_t)i * t.dd, g.d_out + i * g.dos, g.dos, 0, n, t.dim, 1.0f);
  }
  rows_to_depth(t.q_depth, depth, w.q, w.qs, 0, t.queries, t.dim, w.scale);
  rows_to_depth(t.d_depth, depth, g.d_out, g.dos, 0, t.queries, t.dim, 1.0f);
  for (int i = 0; i < t.queries; i++) {
    t.delta[i] = dot(g.d_out + i * g.dos, g.out + i * g.os, t.dim);
    t.log_sum[i] = g.log_sum[i * g.ls];
  }
}

// key_block computes what keys [from, from+n) contribute: to dk and dv, and dS for the queries' gradient.
static void key_block(const span16 &t, const view &w, int from, int n, bool add) {
  const int past = t.keys - t.queries, step = GROUP * PANEL;
  // Query i sees key j if lo(j) <= i < hi(j).
  const auto lo = [&](int j) { return j > past ? j - past : 0; };
  const auto hi = [&](int j) { return w.window > 0 && j + w.window - past < t.queries ? (j + w.window - past > 0 ? j + w.window - past : 0) : t.queries; };
  const int first = lo(from), end = hi(from + n - 1), column = first / step * step, begin = first / DEPTH * DEPTH,
            depth_end = up(end, DEPTH), start = column < begin ? column : begin, dd = (int)t.dd;
  if (end > first) {
    right_product(t.k + (ptrdiff_t)from * (dd + DEPTH), dd + DEPTH, t.q_columns + (ptrdiff_t)column * dd, dd, 0, dd, n, end - column,
                  t.scores + column, t.qd, false);
    right_product(t.v + (ptrdiff_t)from * (dd + DEPTH), dd + DEPTH, t.d_columns + (ptrdiff_t)column * dd, dd, 0, dd, n, end - column,
                  t.d_scores + column, t.qd, false);
  }
  const ptrdiff_t ps = t.qd + DEPTH;
  for (int a = 0; a < n; a++) {
    float *p = t.scores + a * t.qd, *ds = t.d_scores + a * t.qd;
    const int l = lo(from + a), r = hi(from + a);
    for (int i = l; i < r; i += LANES) {
      const vf e = exponential(load(p + i, r - i) - load(t.log_sum + i, r - i));
      store(ds + i, e * (load(ds + i, r - i) - load(t.delta + i, r - i)), r - i);
      store(p + i, e, r - i);
    }
    blank(p, start, l, r > l ? r : l, depth_end);
    memset(ds, 0, sizeof(float) * (size_t)(r > l ? l : t.qd));
    if (r > l) memset(ds + r, 0, sizeof(float) * (size_t)(t.qd - r));
    if (end <= first) continue;
    round_row(t.p + a * ps + begin, p + begin, depth_end - begin);
    round_row(t.ds + a * ps + begin, ds + begin, depth_end - begin);
  }
  rows_to_depth(t.ds_depth, (int)t.kd, t.d_scores, t.qd, from, n, (int)t.qd, 1.0f);
  float *dv = t.dv + (ptrdiff_t)from * t.dim, *dk = t.dk + (ptrdiff_t)from * t.dim;
  if (end > first) {
    right_product(t.p, ps, t.d_depth, (int)t.qd, begin, depth_end, n, t.dim, dv, t.dim, add);
    right_product(t.ds, ps, t.q_depth, (int)t.qd, begin, depth_end, n, t.dim, dk, t.dim, add);
  } else if (!add) {
    memset(dv, 0, sizeof(float) * (size_t)(n * t.dim));
    memset(dk, 0, sizeof(float) * (size_t)(n * t.dim));
  }
}

// span16_backward computes the heads of one group in one span.
static void span16_backward(native *e, int thread, span s, int kv, mat dq, mat dk, mat dv, mat d_out, mat out, mat log_sum,
                            mat q, mat k, mat v, heads h) {
  const int group = h.query / h.key_value;
  span16 t;
  const size_t elements = layout(t, s, h, NULL), copied = (size_t)key_room16(k, s, h);
  float *room = take(e, thread, copied + elements / 2);
  if (!room) return;
  layout(t, s, h, (b16 *)(room + copied));
  view w = key_view16(k, v, s, h, kv, room);
  round_scaled(t.k, t.dd + DEPTH, w.k, w.ks, t.keys, t.dim, 1.0f);
  round_scaled(t.v, t.dd + DEPTH, w.v, w.vs, t.keys, t.dim, 1.0f);
  memset(t.kt, 0, sizeof(b16) * (size_t)up(t.dim, TILE) * (size_t)(t.kd + DEPTH));
  set_columns(t.kt, t.kd + DEPTH, w.k, w.ks, 0, t.keys, t.dim, 1.0f);
  for (int head = kv * group; head < (kv + 1) * group; head++) {
    gradient g = {};
    const int column = head * h.dim;
    w.q = float_rows(q, s.query, s.queries, column, h.dim, t.query, &w.qs);
    g.d_out = float_rows(d_out, s.query, s.queries, column, h.dim, t.d_out, &g.dos);
    g.out = float_rows(out, s.query, s.queries, column, h.dim, t.out, &g.os);
    g.log_sum = row(log_sum, s.query) + head, g.ls = log_sum.stride;
    head_operands(t, w, g);
    for (int j = 0; j < t.keys; j += TILE) key_block(t, w, j, t.keys - j < TILE ? t.keys - j : TILE, head > kv * group);
    right_product(t.kt, t.kd + DEPTH, t.ds_depth, (int)t.kd, 0, (int)t.kd, t.dim, t.queries, t.dqt, t.qd, false);
    if (!dq.half) {
      transpose(row(dq, s.query) + column, dq.stride, t.dqt, t.qd, t.dim, t.queries, w.scale);
      continue;
    }
    transpose(t.query, t.dim, t.dqt, t.qd, t.dim, t.queries, w.scale);
    for (int i = 0; i < t.queries; i++) narrow_row16(row16(dq, s.query + i) + column, t.query + (ptrdiff_t)i * t.dim, t.dim);
  }
  for (int j = 0; j < t.keys; j++) {
    const int to = key_row(s, j);
    add_row(dk, to, kv * h.dim, t.dk + (ptrdiff_t)j * t.dim, t.dim);
    add_row(dv, to, kv * h.dim, t.dv + (ptrdiff_t)j * t.dim, t.dim);
  }
}

// Tasks are as in attention_backward.
static void attention16_backward(native *e, mat dq, mat dk, mat dv, mat d_out, mat out, mat log_sum, mat q, mat k, mat v,
                                 const span *spans, int n, heads h) {
  zero16(e, dk);
  zero16(e, dv);
  parallel(e->team, n * h.key_value, [&](int t, int thread) {
    const int kv = t % h.key_value;
    int i = t / h.key_value;
    if (spans[i].prefixed > 0) return;  // belongs to an earlier one
    kernel_begin();
    do span16_backward(e, thread, spans[i], kv, dq, dk, dv, d_out, out, log_sum, q, k, v, h);
    while (++i < n && spans[i].prefixed > 0);
    kernel_end();
  });
}
