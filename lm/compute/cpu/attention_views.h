// What kernels of attention see of a span.
#pragma once

#include "elementwise.h"

// view is one head of one span: pointers to its first rows. The keys of a prefix come before its own.
struct view {
  const float *q, *k, *v;
  ptrdiff_t qs, ks, vs;
  int queries, keys, dim, window;
  float scale;

  // Query i sees the keys [first_seen(i), end_seen(i)).
  int end_seen(int i) const { return keys - queries + i + 1; }
  int first_seen(int i) const { return window > 0 && end_seen(i) > window ? end_seen(i) - window : 0; }
};

INLINE int all_keys(span s) { return s.prefixed + s.keys; }

// key_row returns the row of the span's jth key.
INLINE int key_row(span s, int j) { return j < s.prefixed ? s.prefix + j : s.key + j - s.prefixed; }

// sizes returns a view that has no pointers yet.
INLINE view sizes(span s, heads h) {
  view w = {};
  w.queries = s.queries, w.keys = all_keys(s), w.dim = h.dim, w.window = h.window;
  w.scale = 1.0f / sqrtf((float)h.dim);
  return w;
}

// key_rows returns one head of the span's keys or values: where they are, or, if they are in two places,
// copied to room [all keys, dim].
INLINE const float *key_rows(mat k, span s, int kv, int dim, float *room, ptrdiff_t *stride) {
  *stride = k.stride;
  if (s.prefixed == 0) return row(k, s.key) + kv * dim;
  *stride = dim;
  for (int j = 0; j < all_keys(s); j++)
    memcpy(room + (ptrdiff_t)j * dim, row(k, key_row(s, j)) + kv * dim, sizeof(float) * (size_t)dim);
  return room;
}

// key_view returns a view of the keys and values of a key-value head; room holds [2, all keys, dim]. The
// queries are still missing.
INLINE view key_view(mat k, mat v, span s, heads h, int kv, float *room) {
  view w = sizes(s, h);
  w.k = key_rows(k, s, kv, h.dim, room, &w.ks);
  w.v = key_rows(v, s, kv, h.dim, room + (ptrdiff_t)all_keys(s) * h.dim, &w.vs);
  return w;
}

// key_room is how many floats key_view needs.
INLINE ptrdiff_t key_room(span s, heads h) { return s.prefixed > 0 ? (ptrdiff_t)2 * all_keys(s) * h.dim : 0; }

INLINE void set_queries(view &w, mat q, span s, heads h, int head) {
  w.q = row(q, s.query) + head * h.dim;
  w.qs = q.stride;
}
