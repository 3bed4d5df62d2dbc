// Causal attention over spans with products in bfloat16; softmax is in float32. See attention.h for the float32
// kernels and what spans and views are.
#pragma once

#include "attention.h"
#include "bf16_product.h"

// A task of the forward pass is this many queries of one head of one span.
enum { TASK_QUERIES = 128 };

// key_panels are the keys as columns with the head's elements as depth, and the values as columns with the keys
// as depth: right operands of the two products.
struct key_panels {
  b16 *k, *v;
};

INLINE size_t key_panel_elements(span s, heads h) {
  return panel_elements(all_keys(s), h.dim) + panel_elements(h.dim, all_keys(s));
}

// rows16 returns one head of the span's keys or values as float32: where they are, or, if they are in two places
// or in bfloat16, in room [all keys, dim].
INLINE const float *rows16(mat k, span s, int kv, int dim, float *room, ptrdiff_t *stride) {
  if (!k.half) return key_rows(k, s, kv, dim, room, stride);
  *stride = dim;
  for (int j = 0; j < all_keys(s); j++) widen_row16(room + (ptrdiff_t)j * dim, row16(k, key_row(s, j)) + kv * dim, dim);
  return room;
}

// key_view16 is key_view for matrices of either kind, key_room16 is how many floats it needs.
INLINE view key_view16(mat k, mat v, span s, heads h, int kv, float *room) {
  view w = sizes(s, h);
  w.k = rows16(k, s, kv, h.dim, room, &w.ks);
  w.v = rows16(v, s, kv, h.dim, room + (ptrdiff_t)all_keys(s) * h.dim, &w.vs);
  return w;
}

INLINE ptrdiff_t key_room16(mat k, span s, heads h) { return k.half ? (ptrdiff_t)2 * all_keys(s) * h.dim : key_room(s, h); }

// pack_keys packs the keys and values of one head of one span.
static void pack_keys(const key_panels &to, const view &w) {
  for (int j = 0; j < w.keys; j += PANEL)
    rows_to_columns(to.k + (ptrdiff_t)j * up(w.dim, DEPTH), w.k + j * w.ks, w.ks, 0, w.keys - j < PANEL ? w.keys - j : PANEL,
                    w.dim, 1.0f);
  rows_to_depth(to.v, up(w.keys, DEPTH), w.v, w.vs, 0, w.keys, w.dim, 1.0f);
}

// round_scaled rounds n rows of src, times scale, with zeros up to a multiple of DEPTH.
INLINE void round_scaled(b16 *dst, ptrdiff_t stride, const float *src, ptrdiff_t ss, int n, int cols, float scale) {
  for (int i = 0; i < n; i++) round_row(dst + i * stride, src + i * ss, cols, scale);
}

// right_product sets c [rows, columns] to left·panels for the depth [from, to), both multiples of DEPTH, or adds
// it; depth is the panels' whole depth.
INLINE void right_product(const b16 *left, ptrdiff_t stride, const b16 *panels, int depth, int from, int to, int rows,
                          int columns, float *c, ptrdiff_t cm, bool add) {
  for (int j = 0; j < columns; j += GROUP * PANEL) {
    const segment s = {left + from, stride, panels + (ptrdiff_t)j * depth + from * PANEL, (ptrdiff_t)depth * PANEL, to - from};
    multiply_group(&s, 1, rows, columns - j < GROUP * PANEL ? columns - j : GROUP * PANEL, c + j, cm, add);
  }
}

// exponentials16 sets p to e^(s - the largest s), rounded, where from <= j < to, and to 0 elsewhere in [begin, end), both
// multiples of DEPTH. It returns the log of the sum of e^s and writes to inverse what makes p probabilities.
INLINE float exponentials16(b16 *p, const float *s, int begin, int end, int from, int to, float *inverse) {
  const auto seen = [&](int j) { return first(to - j) & ~first(from - j); };
  vf top = splat(-INFINITY);
  for (int j = begin; j < end; j += LANES) top = max(top, seen(j) ? load(s + j) : splat(-INFINITY));
  const float m = largest(top);
  vf total = {};
  for (int j = begin; j < end; j += DEPTH) {
    const vf low = seen(j) ? exponential(load(s + j) - m) : vf{};
    const vf high = seen(j + LANES) ? exponential(load(s + j + LANES) - m) : vf{};
    total += low + high;
    _mm512_storeu_si512(p + j, round32((__m512)low, (__m512)high));
  }
  const float z = sum(total);
  *inverse = 1.0f / z;
  return m + logf(z);
}

// queries_forward computes queries [from, to) of one head of a span; w has their sizes, panels their keys.
static void queries_forward(native *e, int thread, const view &w, const key_panels &panels, int from, int to, mat all_queries,
                            mat out, int first_row, int column, float *log_sum, ptrdiff_t ls) {
  const int depth = up(w.dim, DEPTH), keys = up(w.keys, DEPTH);
  const ptrdiff_t qs = depth + DEPTH, ps = keys + DEPTH, ss = keys + PANEL;
  float *scores = take(e, thread, (size_t)TILE * (size_t)(ss + w.dim + ps / 2 + qs / 2));
  if (!scores) return;
  float *room = scores + TILE * ss;
  b16 *p = (b16 *)(room + TILE * w.dim), *q = p + TILE * ps;
  for (int i = from; i < to; i += TILE) {
    const int m = to - i < TILE ? to - i : TILE;
    const int begin = w.first_seen(i) / COVER * COVER, end = w.end_seen(i + m - 1);
    ptrdiff_t stride;
    const float *queries = float_rows(all_queries, first_row + i, m, column, w.dim, room, &stride);
    round_scaled(q, qs, queries, stride, m, w.dim, w.scale);
    right_product(q, qs, panels.k + (ptrdiff_t)begin * depth, depth, 0, depth, m, end - begin, scores + begin, ss, false);
    float inverse[TILE];
    for (int a = 0; a < m; a++) {
      const float l = exponentials16(p + a * ps, scores + a * ss, begin, up(end, DEPTH), w.first_seen(i + a), w.end_seen(i + a), inverse + a);
      if (log_sum) log_sum[(i + a) * ls] = l;
    }
    right_product(p, ps, panels.v, keys, begin, up(end, DEPTH), m, w.dim, room, w.dim, false);
    for (int a = 0; a < m; a++) scale_row(out, first_row + i + a, column, room + (ptrdiff_t)a * w.dim, w.dim, inverse[a]);
  }
}

static void attention16(native *e, mat out, mat log_sum, mat q, mat k, mat v, const span *spans, int n, heads h) {
  const auto apart = [&](span s) { return !q.half && is_few(s); };
  if (!q.half && k.half) few_attention<bfloats>(e, out, log_sum, q, k, v, spans, n, h);
  if (!q.half && !k.half) few_attention<floats>(e, out, log_sum, q, k, v, spans, n, h);
  const int group = h.query / h.key_value;
  size_t elements = 0;
  int tasks = 0;
  for (const span *s = spans; s < spans + n; s++) {
    if (apart(*s)) continue;
    elements += key_panel_elements(*s, h) * (size_t)h.key_value;
    tasks += (s->queries + TASK_QUERIES - 1) / TASK_QUERIES * h.query;
  }
  if (tasks == 0) return;
  // For each span, where its panels and tasks begin.
  struct place {
    size_t panel;
    int task;
  };
  const size_t table = (sizeof(place) * (size_t)n + 63) / 64 * 64;
  uint8_t *room = (uint8_t *)take(e, e->threads, (table + elements * sizeof(b16)) / sizeof(float));
  if (!room) return;
  place *places = (place *)room;
  b16 *data = (b16 *)(room + table);
  elements = 0, tasks = 0;
  for (int i = 0; i < n; i++) {
    places[i] = {elements, tasks};
    if (apart(spans[i])) continue;
    elements += key_panel_elements(spans[i], h) * (size_t)h.key_value;
    tasks += (spans[i].queries + TASK_QUERIES - 1) / TASK_QUERIES * h.query;
  }
  const auto panels = [&](int i, int kv) {
    b16 *p = data + places[i].panel + key_panel_elements(spans[i], h) * (size_t)kv;
    return key_panels{p, p + panel_elements(all_keys(spans[i]), h.dim)};
  };
  parallel(e->team, n * h.key_value, [&](int t, int thread) {
    const span s = spans[t / h.key_value];
    if (apart(s)) return;
    const ptrdiff_t copied = key_room16(k, s, h);
    float *room = copied > 0 ? take(e, thread, (size_t)copied) : NULL;
    if (copied > 0 && !room) return;
    pack_keys(panels(t / h.key_value, t % h.key_value), key_view16(k, v, s, h, t % h.key_value, room));
  });
  parallel(e->team, tasks, [&](int t, int thread) {
    int i = 0, last = n;  // the last span whose tasks begin at or before t
    while (last - i > 1) (places[(i + last) / 2].task <= t ? i : last) = (i + last) / 2;
    const span s = spans[i];
    const int head = (t - places[i].task) % h.query, blocks = (s.queries + TASK_QUERIES - 1) / TASK_QUERIES;
    // Later queries see more keys: these tasks come first.
    const int from = (blocks - 1 - (t - places[i].task) / h.query) * TASK_QUERIES;
    kernel_begin();
    queries_forward(e, thread, sizes(s, h), panels(i, head / group), from, from + TASK_QUERIES < s.queries ? from + TASK_QUERIES : s.queries,
                    q, out, s.query, head * h.dim, log_sum.data ? row(log_sum, s.query) + head : NULL,
                    log_sum.stride);
    kernel_end();
  });
}
