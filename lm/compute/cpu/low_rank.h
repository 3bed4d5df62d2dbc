// Products with the thin matrices of an adapter: z = A·x, y += scale·B·z, and their gradients (Hu et al.
// 2021; the in-place order of the gradients follows from the chain rule, dW is never formed).
#pragma once

#include "dropout.h"
#include "elementwise.h"
#include "tile.h"

enum { ROW_BLOCK = 32, COLUMN_BLOCK = 96, TIME_BLOCK = 128 };

INLINE float *take(native *e, int thread, size_t count) {
  float *p = workspace_take(&e->workspaces[thread], count);
  if (!p) __atomic_store_n(&e->failed, 1, __ATOMIC_RELAXED);
  return p;
}

INLINE float dot(const float *a, const float *b, int n) {
  vf s = {};
  for (int j = 0; j < n; j += LANES) s += load(a + j, n - j) * load(b + j, n - j);
  return sum(s);
}

// input_rows returns rows [from, to) of x with the mask applied, in room if a copy is needed.
INLINE const float *input_rows(mat x, int from, int to, mask m, float *room, ptrdiff_t *stride) {
  if (m.keep == 0.0f) {
    *stride = x.stride;
    return row(x, from);
  }
  *stride = x.cols;
  for (int i = from; i < to; i++)
    dropped_row(room + (ptrdiff_t)(i - from) * x.cols, row(x, i), m, m.row + (uint32_t)i, 0, x.cols);
  return room;
}

// A few rows, as in decoding: both products as dot products along the matrices' rows.
static void low_rank_few(native *e, mat y, mat x, low_rank r) {
  float *z = take(e, 0, (size_t)r.rank);
  if (!z) return;
  for (int i = 0; i < x.rows; i++) {
    for (int k = 0; k < r.rank; k++) z[k] = r.scale * dot(r.a + (ptrdiff_t)k * x.cols, row(x, i), x.cols);
    float *d = row(y, i) + r.column;
    for (int o = 0; o < r.out; o++) d[o] += dot(r.b + (ptrdiff_t)o * r.rank, z, r.rank);
  }
}

static void low_rank_forward(native *e, mat y, mat x, low_rank r, mask m, mat hidden) {
  if (x.rows <= FEW_ROWS && m.keep == 0.0f && !hidden.data) return low_rank_few(e, y, x, r);
  float *at = take(e, e->threads, (size_t)r.rank * (size_t)(x.cols + r.out));
  if (!at) return;
  float *bt = at + (ptrdiff_t)r.rank * x.cols;
  transpose(at, r.rank, r.a, x.cols, r.rank, x.cols, 1.0f);
  transpose(bt, r.out, r.b, r.rank, r.out, r.rank, r.scale);
  parallel(e->team, (x.rows + ROW_BLOCK - 1) / ROW_BLOCK, [&](int piece, int thread) {
    float *room = take(e, thread, (size_t)ROW_BLOCK * (size_t)(x.cols + r.rank));
    if (!room) return;
    const int i = piece * ROW_BLOCK, n = i + ROW_BLOCK < x.rows ? ROW_BLOCK : x.rows - i;
    ptrdiff_t stride;
    const float *in = input_rows(x, i, i + n, m, room, &stride);
    float *z = hidden.data ? row(hidden, i) : room + (ptrdiff_t)ROW_BLOCK * x.cols;
    const ptrdiff_t zs = hidden.data ? hidden.stride : r.rank;
    multiply(n, r.rank, x.cols, in, stride, 1, at, r.rank, z, zs, false);
    multiply(n, r.out, r.rank, z, zs, 1, bt, r.out, row(y, i) + r.column, y.stride, true);
  });
}

// grad_b_columns adds scale·dyᵀ·z to rows [from, to) of the gradient of B.
INLINE void grad_b_columns(mat dy, mat hidden, low_rank r, int from, int to, float *room) {
  const int n = to - from;
  for (int t = 0; t < dy.rows; t += TIME_BLOCK) {
    const int k = dy.rows - t < TIME_BLOCK ? dy.rows - t : TIME_BLOCK;
    multiply(r.rank, n, k, row(hidden, t), 1, hidden.stride, row(dy, t) + r.column + from, dy.stride, room, n, t > 0);
  }
  for (int o = 0; o < n; o++)
    for (int k = 0; k < r.rank; k++) r.grad_b[(ptrdiff_t)(from + o) * r.rank + k] += r.scale * room[k * n + o];
}

// grad_a_columns adds dzᵀ·dropout(x) to columns [from, to) of the gradient of A.
INLINE void grad_a_columns(mat x, const float *dz, low_rank r, mask m, int from, int to, float *room) {
  for (int t = 0; t < x.rows; t += TIME_BLOCK) {
    const int k = x.rows - t < TIME_BLOCK ? x.rows - t : TIME_BLOCK;
    const float *in = row(x, t) + from;
    ptrdiff_t stride = x.stride;
    if (m.keep != 0.0f) {
      for (int i = 0; i < k; i++)
        dropped_row(room + (ptrdiff_t)i * COLUMN_BLOCK - from, row(x, t + i), m, m.row + (uint32_t)(t + i), from, to);
      in = room;
      stride = COLUMN_BLOCK;
    }
    multiply(r.rank, to - from, k, dz + (ptrdiff_t)t * r.rank, 1, r.rank, in, stride, r.grad_a + from, x.cols, true);
  }
}

// input_gradient writes scale·dy·B of rows [from, from+n) to z and adds z·A, masked, to dx.
INLINE void input_gradient(mat dx, mat dy, low_rank r, mask m, int from, int n, int in, float *z, float *room) {
  multiply(n, r.rank, r.out, row(dy, from) + r.column, dy.stride, 1, r.b, r.rank, z, r.rank, false);
  for (int j = 0; j < n * r.rank; j++) z[j] *= r.scale;
  if (!dx.data) return;
  if (m.keep == 0.0f) return multiply(n, in, r.rank, z, r.rank, 1, r.a, in, row(dx, from), dx.stride, true);
  multiply(n, in, r.rank, z, r.rank, 1, r.a, in, room, in, false);
  for (int t = 0; t < n; t++) {
    float *s = room + (ptrdiff_t)t * in, *d = row(dx, from + t);
    dropped_row(s, s, m, m.row + (uint32_t)(from + t), 0, in);
    for (int j = 0; j < in; j += LANES) store(d + j, load(d + j, in - j) + load(s + j, in - j), in - j);
  }
}

static void low_rank_backward(native *e, mat dx, mat dy, mat x, low_rank r, mask m, mat hidden) {
  float *dz = take(e, e->threads, (size_t)x.rows * (size_t)r.rank);
  if (!dz) return;
  parallel(e->team, (x.rows + ROW_BLOCK - 1) / ROW_BLOCK, [&](int piece, int thread) {
    float *room = take(e, thread, (size_t)ROW_BLOCK * (size_t)x.cols);
    if (!room) return;
    const int i = piece * ROW_BLOCK, n = i + ROW_BLOCK < x.rows ? ROW_BLOCK : x.rows - i;
    input_gradient(dx, dy, r, m, i, n, x.cols, dz + (ptrdiff_t)i * r.rank, room);
  });
  const int pieces_a = (x.cols + COLUMN_BLOCK - 1) / COLUMN_BLOCK, pieces_b = (r.out + COLUMN_BLOCK - 1) / COLUMN_BLOCK;
  parallel(e->team, pieces_a + pieces_b, [&](int piece, int thread) {
    float *room = take(e, thread, (size_t)COLUMN_BLOCK * (size_t)(TIME_BLOCK > r.rank ? TIME_BLOCK : r.rank));
    if (!room) return;
    const bool a = piece < pieces_a;
    const int from = (a ? piece : piece - pieces_a) * COLUMN_BLOCK, all = a ? x.cols : r.out;
    const int to = from + COLUMN_BLOCK < all ? from + COLUMN_BLOCK : all;
    if (a)
      grad_a_columns(x, dz, r, m, from, to, room);
    else
      grad_b_columns(dy, hidden, r, from, to, room);
  });
}
