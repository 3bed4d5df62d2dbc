// Whole products of bfloat16 matrices, parted over the team.
#pragma once

// The including file has chosen a kernel: KERNEL_ROWS, GROUP, FETCHES, kernel_tile, kernel_begin and kernel_end.
#include "bf16.h"

// COVER is a multiple of every kernel's group of columns, in which columns are parted. DEPTH_BLOCK limits how much of a left operand's row
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

// extra is a thin product that is added to columns [from, to) of a larger one, such as an adapter's. from is a multiple of
// PANEL, and so is to, unless it is the end.
struct extra {
  const b16 *a;
  ptrdiff_t as;
  const b16 *b;
  int depth, from, to;
};

// factors are what a product is computed from: a [rows, depth] with stride as, the panels w of the columns from first on, and n
// extras.
struct factors {
  const b16 *a;
  ptrdiff_t as;
  const b16 *w;
  int depth, first;
  const extra *extras;
  int n;
};

// group_at returns how many of the columns from column on can be computed at once: those to which the same extras are added.
INLINE int group_at(const factors &f, int column, int left) {
  int group = left < GROUP * PANEL ? left : GROUP * PANEL;
  for (const extra *x = f.extras; x < f.extras + f.n; x++) {
    if (x->from > column && x->from - column < group) group = x->from - column;
    if (x->to > column && x->to - column < group) group = x->to - column;
  }
  return group;
}

// group_product sets a group's columns of c [rows, group] to the part [k, end) of the depth, which the extras follow, or
// adds it. ahead says that a group comes after it.
template <class Out>
static void group_product(const factors &f, int row, int rows, int column, int group, int k, int end, Out *c, ptrdiff_t cm, bool add, bool ahead) {
  const int depth = up(f.depth, DEPTH);
  const b16 *w = f.w + (ptrdiff_t)(column - f.first) * depth + k * PANEL;
  segment s[MOST_SEGMENTS] = {{f.a + row * f.as + k, f.as, w, (ptrdiff_t)depth * PANEL, end - k}};
  int count = 1;
  if (end == depth)
    for (const extra *x = f.extras; x < f.extras + f.n; x++)
      if (column >= x->from && column < x->to)
        s[count++] = {x->a + row * x->as, x->as, x->b + (ptrdiff_t)(column - x->from) * x->depth, (ptrdiff_t)x->depth * PANEL, x->depth};
  multiply_group(s, count, rows, group, c, cm, add, w + (ptrdiff_t)group * depth, ahead ? (end - k) * PANEL : 0);
}

// block sets c [rows, columns] to a product's rows from row on and columns from column on, or adds them. Sums that are rounded
// are made in one go.
template <class Out>
static void block(const factors &f, int row, int rows, int column, int columns, Out *c, ptrdiff_t cm, bool add) {
  const int depth = up(f.depth, DEPTH), step = sizeof(Out) == sizeof(float) ? DEPTH_BLOCK : depth;
  for (int k = 0; k < depth; k += step)
    for (int j = 0, group; j < columns; j += group) {
      group = group_at(f, column + j, columns - j);
      group_product(f, row, rows, column + j, group, k, k + step < depth ? k + step : depth, c + j, cm, add || k > 0, j + group < columns);
    }
}

// gated_block is block of SwiGLU: its columns are those of the gate, and what they are multiplied with is half columns further
// on. Both are rounded before, as they are where they are kept. room has 2·rows groups.
static void gated_block(const factors &f, int row, int rows, int column, int columns, int half, b16 *c, ptrdiff_t cm, b16 *room) {
  enum { WIDE = GROUP * PANEL };
  b16 *second = room + (ptrdiff_t)rows * WIDE;
  const int depth = up(f.depth, DEPTH);
  for (int j = 0, group; j < columns; j += group) {
    group = group_at(f, half + column + j, group_at(f, column + j, columns - j));
    group_product(f, row, rows, column + j, group, 0, depth, room, WIDE, false, j + group < columns);
    group_product(f, row, rows, half + column + j, group, 0, depth, second, WIDE, false, j + group < columns);
    for (int i = 0; i < rows; i++) swiglu_row<bfloats>(c + i * cm + j, room + i * WIDE, second + i * WIDE, group);
  }
}

// product_of_panels sets c to a product's columns from f.first on, whose panels there are, or, gated, to SwiGLU of all.
static void product_of_panels(native *e, mat c, const factors &f, bool gated, bool add) {
  const int longest = e->cache_bytes / 4 / (f.depth < DEPTH_BLOCK ? up(f.depth, DEPTH) : DEPTH_BLOCK) / TILE * TILE;
  int down = (c.rows + longest - 1) / longest;
  if (c.rows > TILE) down = up(down, e->threads);
  const int rows = up((c.rows + down - 1) / down, TILE);
  down = (c.rows + rows - 1) / rows;
  const int covers = (c.cols + COVER - 1) / COVER;
  int across = (4 * e->threads + down - 1) / down;
  if (across > covers) across = covers;
  const int columns = (covers + across - 1) / across * COVER;
  across = (c.cols + columns - 1) / columns;
  parallel(e->team, down * across, [&](int task, int thread) {
    const int i = task / across * rows, j = task % across * columns;
    const int m = c.rows - i < rows ? c.rows - i : rows, some = c.cols - j < columns ? c.cols - j : columns;
    b16 *room = gated ? (b16 *)take(e, thread, (size_t)m * GROUP * PANEL) : NULL;
    if (gated && !room) return;
    kernel_begin();
    if (gated)
      gated_block(f, i, m, f.first + j, some, c.cols, row16(c, i) + j, c.stride, room);
    else if (c.half)
      block(f, i, m, f.first + j, some, row16(c, i) + j, c.stride, false);
    else
      block(f, i, m, f.first + j, some, row(c, i) + j, c.stride, add);
    kernel_end();
  });
}

// product16 sets c, of either kind, to a·w plus the extras, or adds that to float32. a [rows, depth] has stride as. With all
// panels and gated, c is SwiGLU of that, in bfloat16.
static void product16(native *e, mat c, const b16 *a, ptrdiff_t as, operand w, int depth, const extra *extras, int n,
                      bool gated, bool add) {
  if (w.panels) return product_of_panels(e, c, {a, as, w.panels, depth, 0, extras, n}, gated, add);
  for (int j = 0; j < c.cols; j += w.columns) {
    mat some = c;
    some.data = c.half ? (float *)(row16(c, 0) + j) : c.data + j;
    some.cols = c.cols - j < w.columns ? c.cols - j : w.columns;
    pack(e, w.room, w, j, some.cols);
    product_of_panels(e, some, {a, as, w.room, depth, j, extras, n}, false, add);
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
