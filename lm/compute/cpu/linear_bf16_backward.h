// The backward pass of linear_bf16.h: with dZ = scale·dY·B, dX = dY·W + dZ·A, dA = dZᵀ·X, dB = scale·dYᵀ·Z.
#pragma once

#include "linear_bf16.h"

// output_pieces is in how many pieces an adapter's outputs are worked on.
INLINE int output_pieces(const thin &t) { return (t.a.low.out + COVER - 1) / COVER; }

// pack_backward packs a piece of B's outputs as depth, and A's rows as depth.
static void pack_backward(const thin &t, int inputs, int piece) {
  const low_rank &r = t.a.low;
  const int from = piece * COVER, end = from + COVER < r.out ? from + COVER : r.out;
  rows_to_depth(t.down, up(r.out, DEPTH), r.b + (ptrdiff_t)from * r.rank, r.rank, from, end - from, r.rank, r.scale);
  if (piece == 0) rows_to_depth(t.up, t.depth, r.a, inputs, 0, r.rank, inputs, 1.0f);
}

// set_columns sets columns [from, from+n) of dst [cols, stride] to rows of src, rounded.
INLINE void set_columns(b16 *dst, ptrdiff_t stride, const float *src, ptrdiff_t ss, int from, int n, int cols, float scale) {
  for (int i = 0; i < n; i++)
    for (int k = 0; k < cols; k += LANES) {
      b16 line[32];
      _mm512_storeu_si512(line, round32(_mm512_mul_ps((__m512)load(src + i * ss + k, cols - k), _mm512_set1_ps(scale)), _mm512_setzero_ps()));
      const int m = cols - k < LANES ? cols - k : LANES;
      for (int j = 0; j < m; j++) dst[(ptrdiff_t)(k + j) * stride + from + i] = line[j];
    }
}

// hidden_gradient computes dZ for n rows, and keeps it and the hidden values in both orders.
static void hidden_gradient(native *e, int thread, const thin &t, const b16 *rounded, ptrdiff_t stride, mat hidden, int from,
                            int n, ptrdiff_t padded_rows) {
  const low_rank &r = t.a.low;
  const int depth = up(r.out, DEPTH);
  float *dz = take(e, thread, (size_t)TILE * (size_t)r.rank);
  if (!dz) return;
  segment s = {rounded + from * stride + r.column, stride, t.down, (ptrdiff_t)depth * PANEL, depth};
  for (int k = 0; k < r.rank; k += GROUP * PANEL) {
    multiply_group(&s, 1, n, r.rank - k < GROUP * PANEL ? r.rank - k : GROUP * PANEL, dz + k, r.rank, false);
    s.b += GROUP * s.bs;
  }
  for (int i = 0; i < n; i++) round_row(t.z + (ptrdiff_t)(from + i) * t.depth, dz + (ptrdiff_t)i * r.rank, r.rank);
  set_columns(t.dz_columns, padded_rows, dz, r.rank, from, n, r.rank, 1.0f);
  set_columns(t.z_columns, padded_rows, row(hidden, from) + t.a.hidden, hidden.stride, from, n, r.rank, r.scale);
}

// masked_second_product adds dZ·A, masked, to n rows of dx.
static void masked_second_product(native *e, int thread, const thin &t, mat dx, int from, int n) {
  float *room = take(e, thread, (size_t)TILE * (size_t)dx.cols);
  if (!room) return;
  block<float>({t.z, t.depth, t.up, t.depth, 0, NULL, 0}, from, n, 0, dx.cols, room, dx.cols, false);
  for (int i = 0; i < n; i++) {
    float *s = room + (ptrdiff_t)i * dx.cols;
    dropped_row(s, s, t.a.drop, t.a.drop.row + (uint32_t)(from + i), 0, dx.cols);
    add_row(dx, from + i, 0, s, dx.cols);
  }
}

// columns_as_depth packs columns [from, from+n) of x, whose rows become the depth, dropped if drop says so.
static void columns_as_depth(b16 *dst, mat x, int from, int n, const mask *drop, float *room) {
  const int depth = up(x.rows, DEPTH);
  if (!drop && x.half) return rows_to_depth16(dst, depth, row16(x, 0) + from, x.stride, 0, x.rows, n);
  if (!drop) return rows_to_depth(dst, depth, x.data + from, x.stride, 0, x.rows, n, 1.0f);
  for (int i = 0; i < x.rows; i += TILE) {
    const int m = x.rows - i < TILE ? x.rows - i : TILE;
    for (int k = 0; k < m; k++) {
      float *kept = room + (ptrdiff_t)k * COVER;
      const float *s = float_row(x, i + k, from, n, kept);
      dropped_row(kept - from, s - from, *drop, drop->row + (uint32_t)(i + k), from, from + n);
    }
    rows_to_depth(dst, depth, room, COVER, i, m, n, 1.0f);
  }
}

// thin_rows adds left [rank, padded rows]·panels to c [rank, n].
static void thin_rows(const b16 *left, ptrdiff_t stride, const b16 *panels, int rank, int n, float *c, ptrdiff_t cm, bool add) {
  for (int j = 0; j < n; j += GROUP * PANEL) {
    const segment s = {left, stride, panels + j * stride, stride * PANEL, (int)stride};
    multiply_group(&s, 1, rank, n - j < GROUP * PANEL ? n - j : GROUP * PANEL, c + j, cm, add);
  }
}

// gradients adds dA for some columns of x, or dB for some outputs of one adapter.
static void gradients_a(native *e, int thread, const thin *t, int n, mat x, int from, int columns) {
  const ptrdiff_t depth = up(x.rows, DEPTH);
  float *room = take(e, thread, (size_t)(depth * COVER / 2 + TILE * COVER));
  if (!room) return;
  b16 *panels = (b16 *)(room + TILE * COVER);
  for (int i = 0; i < n; i++) {
    const bool masked = t[i].a.drop.keep != 0.0f;
    if (i == 0 || masked) columns_as_depth(panels, x, from, columns, masked ? &t[i].a.drop : NULL, room);
    thin_rows(t[i].dz_columns, depth, panels, t[i].a.low.rank, columns, t[i].a.low.grad_a + from, x.cols, true);
  }
}

static void gradients_b(native *e, int thread, const thin &t, mat dy, int from, int columns) {
  const low_rank &r = t.a.low;
  const ptrdiff_t depth = up(dy.rows, DEPTH);
  float *room = take(e, thread, (size_t)(depth * COVER / 2 + (ptrdiff_t)r.rank * COVER));
  if (!room) return;
  b16 *panels = (b16 *)(room + (ptrdiff_t)r.rank * COVER);
  columns_as_depth(panels, dy, r.column + from, columns, NULL, NULL);
  thin_rows(t.z_columns, depth, panels, r.rank, columns, room, COVER, false);
  for (int o = 0; o < columns; o++)
    for (int k = 0; k < r.rank; k++) r.grad_b[(ptrdiff_t)(from + o) * r.rank + k] += room[k * COVER + o];
}

static void all_gradients(native *e, const thin *t, int n, mat dy, mat x) {
  const int across = (x.cols + COVER - 1) / COVER;
  int pieces = across;
  for (int i = 0; i < n; i++) pieces += output_pieces(t[i]);
  parallel(e->team, pieces, [&](int piece, int thread) {
    kernel_begin();
    if (piece < across) {
      const int from = piece * COVER;
      gradients_a(e, thread, t, n, x, from, x.cols - from < COVER ? x.cols - from : COVER);
    } else {
      piece -= across;
      const int i = part_of(&piece, [&](int k) { return output_pieces(t[k]); }), from = piece * COVER;
      gradients_b(e, thread, t[i], dy, from, t[i].a.low.out - from < COVER ? t[i].a.low.out - from : COVER);
    }
    kernel_end();
  });
}

// linear16_backward sets dx, if it is wanted, and adds to the adapters' gradients. w is W, backward.
static void linear16_backward(native *e, mat dx, mat dy, mat x, operand w, int n, mat hidden) {
  bool direct = is_left(dy);
  for (int i = 0; i < n; i++) direct = direct && e->adapters[i].low.out % DEPTH == 0;  // none reads beyond its part of a row
  const ptrdiff_t outputs = direct ? dy.stride : left_stride(dy.cols);
  const int rows = up(dy.rows, TILE), inputs = dx.data ? dx.cols : x.cols;
  const bool masked = n > 0 && e->adapters[0].drop.keep != 0.0f;
  thin t[MOST_ADAPTERS];
  extra extras[MOST_ADAPTERS];
  room16 room;
  b16 *rounded = NULL;
  for (int twice = 0; twice < 2; twice++) {
    // An adapter's part of a row may be read up to DEPTH values beyond its end, multiplied with zeros.
    rounded = direct ? (b16 *)dy.data : room.take((size_t)rows * (size_t)outputs + DEPTH);
    for (int i = 0; i < n; i++) {
      t[i].a = e->adapters[i];
      cover(t[i], dy.cols);
      t[i].down = room.take(panel_elements(t[i].a.low.rank, t[i].a.low.out));
      t[i].up = room.take(panel_elements(inputs, t[i].a.low.rank));
      t[i].z = room.take((size_t)rows * (size_t)t[i].depth);
      t[i].dz_columns = room.take((size_t)t[i].depth * (size_t)rows);
      t[i].z_columns = room.take((size_t)t[i].depth * (size_t)rows);
      extras[i] = {t[i].z, t[i].depth, t[i].up, t[i].depth, 0, inputs};
    }
    if (twice == 0) {
      room.data = (b16 *)take(e, e->threads, room.used / 2 + 1);  // it may be nothing
      if (!room.data) return;
      room.used = 0;
    }
  }
  if (!direct) {
    round_rows(e, rounded, outputs, dy);
    memset(rounded + (ptrdiff_t)dy.rows * outputs, 0, sizeof(b16) * ((size_t)(rows - dy.rows) * (size_t)outputs + DEPTH));
  }
  if (n > 0) {
    int pieces = 0;
    for (int i = 0; i < n; i++) pieces += output_pieces(t[i]);
    parallel(e->team, pieces, [&](int piece, int) {
      const int i = part_of(&piece, [&](int k) { return output_pieces(t[k]); });
      pack_backward(t[i], inputs, piece);
    });
    // Columns of rows that there are not meet zeros in the other operand, and must be numbers.
    for (int i = 0; i < n && rows > dy.rows; i++) {
      memset(t[i].dz_columns, 0, sizeof(b16) * (size_t)t[i].depth * (size_t)rows);
      memset(t[i].z_columns, 0, sizeof(b16) * (size_t)t[i].depth * (size_t)rows);
    }
    parallel(e->team, (dy.rows + TILE - 1) / TILE, [&](int piece, int thread) {
      const int from = piece * TILE, m = dy.rows - from < TILE ? dy.rows - from : TILE;
      kernel_begin();
      for (int i = 0; i < n; i++) hidden_gradient(e, thread, t[i], rounded, outputs, hidden, from, m, rows);
      kernel_end();
    });
  }
  if (dx.data) {
    product16(e, dx, rounded, outputs, w, dy.cols, extras, masked ? 0 : n, false, false);
    if (masked)
      parallel(e->team, (dx.rows + TILE - 1) / TILE, [&](int piece, int thread) {
        const int from = piece * TILE, m = dx.rows - from < TILE ? dx.rows - from : TILE;
        kernel_begin();
        for (int i = 0; i < n; i++) masked_second_product(e, thread, t[i], dx, from, m);
        kernel_end();
      });
  }
  if (n > 0) all_gradients(e, t, n, dy, x);
}
