// Whole products of bfloat16 matrices, parted over the team.
#pragma once

// The including file has chosen a kernel: KERNEL_ROWS, GROUP, FETCHES, kernel_tile, kernel_begin and kernel_end.
#include "bf16.h"

// COVER is a multiple of every kernel's group of columns. DEPTH_BLOCK limits how much of a left operand's row
// is read again and again; a task's left operand takes half of a core's cache.
enum { COVER = 96, DEPTH_BLOCK = 1536, MOST_SEGMENTS = MOST_ADAPTERS + 1 };

// left_stride is the distance of a left operand's rows: not a multiple of a power of two, whose rows would
// compete for the same lines of the cache.
INLINE ptrdiff_t left_stride(int depth) { return up(depth, DEPTH) + DEPTH; }

// multiply_group sets c [rows, columns], columns of at most GROUP panels, to the segments' sum, or adds it. next
// is where the following group's panels begin, of which ahead elements each are fetched meanwhile.
template <class Out>
static void multiply_group(const segment *s, int n, int rows, int columns, Out *c, ptrdiff_t cm, bool add,
                           const b16 *next = NULL, int ahead = 0) {
  const int parts = (rows + KERNEL_ROWS - 1) / KERNEL_ROWS;
  for (int i = 0; i < rows; i += KERNEL_ROWS, c += KERNEL_ROWS * cm) {
    if (FETCHES && ahead > 0) fetch(next, s->bs, GROUP, ahead, i / KERNEL_ROWS, parts);
    kernel_tile(s, n, i, rows - i < KERNEL_ROWS ? rows - i : KERNEL_ROWS, columns, c, cm, add);
  }
}

// extra is a thin product that is added to columns [from, to) of a larger one, such as an adapter's. from is a
// multiple of COVER, and so is to, unless it is the end.
struct extra {
  const b16 *a;
  ptrdiff_t as;
  const b16 *b;
  int depth, from, to;
};

// block sets a block of c [rows, columns] to the product of rows of a [rows, depth] and panels w of the columns from
// column on, with the extras that are for these. Sums that are rounded are made in one go.
template <class Out>
static void block(Out *c, ptrdiff_t cm, int rows, int columns, int column, const b16 *a, ptrdiff_t as, int first_row, const b16 *w, int depth, const extra *extras,
                  int n, bool add) {
  const int padded_depth = up(depth, DEPTH);
  const int step = sizeof(Out) == sizeof(float) ? DEPTH_BLOCK : padded_depth;
  for (int k = 0; k < padded_depth; k += step) {
    const int end = k + step < padded_depth ? k + step : padded_depth;
    for (int j = 0; j < columns; j += GROUP * PANEL) {
      const int group = columns - j < GROUP * PANEL ? columns - j : GROUP * PANEL;
      const b16 *next = w + (ptrdiff_t)(j + GROUP * PANEL) * padded_depth + k * PANEL;
      segment s[MOST_SEGMENTS] = {{a + k, as, w + (ptrdiff_t)j * padded_depth + k * PANEL, (ptrdiff_t)padded_depth * PANEL, end - k}};
      int count = 1;
      if (end == padded_depth)
        for (const extra *x = extras; x < extras + n; x++) {
          if (column + j < x->from || column + j >= x->to) continue;
          s[count++] = {x->a + first_row * x->as, x->as, x->b + (ptrdiff_t)(column + j - x->from) * x->depth,
                        (ptrdiff_t)x->depth * PANEL, x->depth};
        }
      multiply_group(s, count, rows, group, c + j, cm, add || k > 0, next, j + GROUP * PANEL < columns ? (end - k) * PANEL : 0);
    }
  }
}

// product_of_panels sets c to columns of a product: those from column first on, whose panels w holds.
static void product_of_panels(native *e, mat c, int first, const b16 *a, ptrdiff_t as, const b16 *w, int depth,
                              const extra *extras, int n, bool add) {
  const int longest = e->cache_bytes / 4 / (depth < DEPTH_BLOCK ? up(depth, DEPTH) : DEPTH_BLOCK) / TILE * TILE;
  int down = (c.rows + longest - 1) / longest;
  if (c.rows > TILE) down = up(down, e->threads);
  const int rows = up((c.rows + down - 1) / down, TILE);
  down = (c.rows + rows - 1) / rows;
  const int covers = (c.cols + COVER - 1) / COVER;
  int across = (4 * e->threads + down - 1) / down;
  if (across > covers) across = covers;
  const int columns = (covers + across - 1) / across * COVER;
  across = (c.cols + columns - 1) / columns;
  parallel(e->team, down * across, [&](int task, int) {
    const int i = task / across * rows, j = task % across * columns;
    const int m = c.rows - i < rows ? c.rows - i : rows, some = c.cols - j < columns ? c.cols - j : columns;
    const b16 *panels = w + (ptrdiff_t)j * up(depth, DEPTH);
    kernel_begin();
    if (c.half)
      block(row16(c, i) + j, c.stride, m, some, first + j, a + i * as, as, i, panels, depth, extras, n, false);
    else
      block(row(c, i) + j, c.stride, m, some, first + j, a + i * as, as, i, panels, depth, extras, n, add);
    kernel_end();
  });
}

// product16 sets c, of either kind, to a·w plus the extras, or adds that to float32. a [rows, depth] has stride as.
static void product16(native *e, mat c, const b16 *a, ptrdiff_t as, operand w, int depth, const extra *extras, int n,
                      bool add) {
  if (w.panels) return product_of_panels(e, c, 0, a, as, w.panels, depth, extras, n, add);
  for (int j = 0; j < c.cols; j += w.columns) {
    mat some = c;
    some.data = c.half ? (float *)(row16(c, 0) + j) : c.data + j;
    some.cols = c.cols - j < w.columns ? c.cols - j : w.columns;
    pack(e, w.room, w, j, some.cols);
    product_of_panels(e, some, j, a, as, w.room, depth, extras, n, add);
  }
}

// round_rows rounds x, with zeros up to the stride, which is left_stride's.
static void round_rows(native *e, b16 *dst, ptrdiff_t stride, mat x) {
  each_row(e, x, [&](int i) {
    b16 *d = dst + i * stride;
    if (x.half) {
      memcpy(d, row16(x, i), sizeof(b16) * (size_t)x.cols);
      memset(d + x.cols, 0, sizeof(b16) * (size_t)(stride - DEPTH - x.cols));
    } else {
      round_row(d, row(x, i), x.cols);
    }
    _mm512_storeu_si512(d + stride - DEPTH, _mm512_setzero_si512());
  });
}

// is_left says whether x can be a left operand as it is: rows beyond its last may be read.
INLINE bool is_left(mat x) { return x.half && x.cols % DEPTH == 0; }

// part_of returns to which of several lists a piece of all of them belongs, and makes piece its index there;
// count(i) is the length of list i.
template <class Count>
INLINE int part_of(int *piece, Count count) {
  int i = 0;
  for (; *piece >= count(i); i++) *piece -= count(i);
  return i;
}

// room16 is a stack of bfloat16 matrices in one allocation: first all sizes are added up, then the
// pointers are handed out in the same order.
struct room16 {
  b16 *data = NULL;
  size_t used = 0;
  b16 *take(size_t n) {
    b16 *p = data ? data + used : NULL;
    used += (n + 31) / 32 * 32;
    return p;
  }
};
