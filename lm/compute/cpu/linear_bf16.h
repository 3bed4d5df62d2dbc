// Linear layers with adapters in bfloat16: the products of low_rank.h, the adapters' second ones as part of the
// big product's depth.
#pragma once

#include "bf16_product.h"

// thin is an adapter with its operands for one call.
struct thin {
  adapter a;
  int depth;     // the rank, padded
  int from, to;  // the covered columns of the layer's outputs
  b16 *down;     // panels that the layer's input, or the gradient of its output, is multiplied with
  b16 *up;       // panels that the rank-wide result of that is multiplied with
  b16 *z;        // that result [rows, depth]
  b16 *dz_columns, *z_columns;  // backward: gradient and hidden as [rank, padded rows]
};

INLINE int thin_pieces(const thin &t) { return (t.to - t.from + COVER - 1) / COVER; }

// pack_thin packs A for the first product and one piece of B's outputs for the second.
static void pack_forward(const thin &t, int inputs, int piece) {
  const low_rank &r = t.a.low;
  if (piece == 0)
    for (int k = 0; k < r.rank; k += PANEL)
      rows_to_columns(t.down + (ptrdiff_t)k * up(inputs, DEPTH), r.a + (ptrdiff_t)k * inputs, inputs, 0,
                      r.rank - k < PANEL ? r.rank - k : PANEL, inputs, 1.0f);
  const int end = t.from + (piece + 1) * COVER < t.to ? t.from + (piece + 1) * COVER : t.to;
  for (int j = t.from + piece * COVER; j < end; j += PANEL) {
    const int first = r.column > j ? r.column - j : 0, last = r.column + r.out - j < PANEL ? r.column + r.out - j : PANEL;
    const int n = last > first ? last - first : 0;
    rows_to_columns(t.up + (ptrdiff_t)(j - t.from) * t.depth, n > 0 ? r.b + (ptrdiff_t)(j + first - r.column) * r.rank : r.b,
                    r.rank, first, n, r.rank, r.scale);
  }
}

// first_product sets rows of z to x·Aᵀ, with x's rows as they are or dropped.
static void first_product(native *e, int thread, const thin &t, mat x, const b16 *rounded, ptrdiff_t stride, mat hidden,
                          int from, int n) {
  const low_rank &r = t.a.low;
  const int inputs = up(x.cols, DEPTH);
  float *room = take(e, thread, (size_t)TILE * (size_t)(r.rank + x.cols + inputs));
  if (!room) return;
  segment s = {rounded + from * stride, stride, t.down, (ptrdiff_t)inputs * PANEL, inputs};
  if (t.a.drop.keep != 0.0f) {
    float *kept = room + (ptrdiff_t)TILE * r.rank;
    b16 *dropped = (b16 *)(kept + (ptrdiff_t)TILE * x.cols);
    for (int i = 0; i < n; i++) {
      dropped_row(kept, float_row(x, from + i, 0, x.cols, kept), t.a.drop, t.a.drop.row + (uint32_t)(from + i), 0, x.cols);
      round_row(dropped + (ptrdiff_t)i * inputs, kept, x.cols);
    }
    s.a = dropped, s.as = inputs;
  }
  float *z = room;
  ptrdiff_t zs = r.rank;
  if (hidden.data) z = row(hidden, from) + t.a.hidden, zs = hidden.stride;
  for (int k = 0; k < r.rank; k += GROUP * PANEL) {
    multiply_group(&s, 1, n, r.rank - k < GROUP * PANEL ? r.rank - k : GROUP * PANEL, z + k, zs, false);
    s.b += GROUP * s.bs;
  }
  for (int i = 0; i < n; i++) round_row(t.z + (ptrdiff_t)(from + i) * t.depth, z + i * zs, r.rank);
}

// cover chooses the columns of an adapter's second product.
INLINE void cover(thin &t, int outputs) {
  const low_rank &r = t.a.low;
  t.depth = up(r.rank, DEPTH);
  t.from = r.column / PANEL * PANEL;
  t.to = up(r.column + r.out, PANEL);
  if (t.to > outputs) t.to = outputs;
}

// pack_adapter packs a whole adapter of a layer, to be kept.
static void pack_adapter(native *, b16 *down, b16 *up, low_rank r, int inputs, int outputs) {
  thin t = {};
  t.a.low = r;
  cover(t, outputs);
  t.down = down, t.up = up;
  for (int i = 0; i < thin_pieces(t); i++) pack_forward(t, inputs, i);
}

// linear16 sets y = x·Wᵀ, or adds it to float32, with the engine's first n adapters, or, gated, to SwiGLU of that. w is Wᵀ.
static void linear16(native *e, mat y, mat x, operand w, int n, mat hidden, int gated, int add) {
  const bool direct = is_left(x);
  const ptrdiff_t inputs = direct ? x.stride : left_stride(x.cols);
  const int rows = up(x.rows, TILE);
  thin t[MOST_ADAPTERS];
  extra extras[MOST_ADAPTERS];
  room16 room;
  b16 *rounded = NULL;
  for (int twice = 0; twice < 2; twice++) {
    rounded = direct ? (b16 *)x.data : room.take((size_t)rows * (size_t)inputs);
    for (int i = 0; i < n; i++) {
      t[i].a = e->adapters[i];
      cover(t[i], w.outputs);
      const bool kept = t[i].a.down != NULL;
      t[i].down = kept ? (b16 *)t[i].a.down : room.take(panel_elements(t[i].a.low.rank, x.cols));
      t[i].up = kept ? (b16 *)t[i].a.up : room.take((size_t)up(t[i].to - t[i].from, PANEL) * (size_t)t[i].depth);
      t[i].z = room.take((size_t)rows * (size_t)t[i].depth);
      extras[i] = {t[i].z, t[i].depth, t[i].up, t[i].depth, t[i].from, t[i].to};
    }
    if (twice == 0) {
      room.data = (b16 *)take(e, e->threads, room.used / 2 + 1);  // it may be nothing
      if (!room.data) return;
      room.used = 0;
    }
  }
  if (!direct) round_rows(e, rounded, inputs, x);
  if (n > 0) {
    int pieces = 0;
    for (int i = 0; i < n; i++) pieces += thin_pieces(t[i]);
    parallel(e->team, pieces, [&](int piece, int) {
      const int i = part_of(&piece, [&](int k) { return thin_pieces(t[k]); });
      if (!t[i].a.down) pack_forward(t[i], x.cols, piece);
    });
    parallel(e->team, (x.rows + TILE - 1) / TILE, [&](int piece, int thread) {
      const int from = piece * TILE, m = x.rows - from < TILE ? x.rows - from : TILE;
      kernel_begin();
      for (int i = 0; i < n; i++) first_product(e, thread, t[i], x, rounded, inputs, hidden, from, m);
      kernel_end();
    });
  }
  product16(e, y, rounded, inputs, w, x.cols, extras, n, gated, add);
}
