// Linear layers for few rows, with adapters, in bytes.
#pragma once

#include "adapter8.h"

// few_rows8 sets y = x·wᵀ, or adds to it, for 1 to FEW_ROWS8 rows; parts are stacked over y's columns. The engine's
// first adapters are added, from what pack_adapter8 made of them; with any, parts begin at multiples of GROUP_ROWS.
static void few_rows8(native *e, mat y, mat x, const blocks *parts, int n, int adapters, int add) {
  enum { PIECE_BYTES = 1 << 15 };
  const size_t floats = wide_floats(x.cols);
  const auto results = [&](int i) {
    const int rank = padded_rank(e->adapters[i].low.rank);
    return (size_t)FEW_ROWS8 * ((size_t)rank + wide_floats(rank));
  };
  size_t room = floats * (size_t)x.rows;
  for (int i = 0; i < adapters; i++) room += results(i);
  float *whole = take(e, e->threads, room), *next = whole + floats * (size_t)x.rows;
  if (!whole) return;
  bytes_adapter few[MOST_ADAPTERS];
  for (int i = 0; i < adapters; i++) {
    const low_rank &r = e->adapters[i].low;
    few[i].a = e->adapters[i];
    few[i].from = r.column / GROUP_ROWS * GROUP_ROWS, few[i].to = up(r.column + r.out, GROUP_ROWS);
    few[i].z = next;
    next += results(i);
  }
  wide rows[FEW_ROWS8];
  for (int m = 0; m < x.rows; m++) rows[m] = widen_row(row(x, m), x.cols, whole + (size_t)m * floats);
  int pieces = adapters;
  const auto step = [](const blocks &w) { return (int)(PIECE_BYTES / group_bytes(w)) + 1; };
  const auto count = [&](int i) { return ((parts[i].rows + GROUP_ROWS - 1) / GROUP_ROWS + step(parts[i]) - 1) / step(parts[i]); };
  for (int i = 0; i < n; i++) pieces += count(i);
  int ready = 0;  // adapters whose first product is done
  parallel_near(e->team, pieces, [&](int piece, int) {
    if (piece < adapters) {
      first_few(few[piece], rows, x.rows, x.cols);
      __atomic_fetch_add(&ready, 1, __ATOMIC_RELEASE);
      return;
    }
    piece -= adapters;
    const blocks *w = parts + part_of(&piece, count);
    const int all = (w->rows + GROUP_ROWS - 1) / GROUP_ROWS, from = piece * step(*w),
              to = from + step(*w) < all ? from + step(*w) : all;
    const auto outputs = [&](int g) { return lanes(w->rows - g * GROUP_ROWS); };
    for (int i = 0; i < adapters; i++) fetch_second(few[i], w->column + from * GROUP_ROWS, w->column + to * GROUP_ROWS);
    for (int g = from; g < to; g++)
      for (int m = 0; m < x.rows; m += 4)
        some_rows(w->data + g * group_bytes(*w), w->format, x.cols / BLOCK_VALUES, rows + m, x.rows - m,
                  row(y, m) + w->column + g * GROUP_ROWS, y.stride, outputs(g), add);
    // The first products are the loop's first pieces, which the caller takes: somebody is at them.
    while (__atomic_load_n(&ready, __ATOMIC_ACQUIRE) < adapters) _mm_pause();
    for (int g = from; g < to; g++)
      for (int i = 0; i < adapters; i++)
        for (int m = 0; m < x.rows; m++)
          second_few(few[i], m, w->column + g * GROUP_ROWS, row(y, m) + w->column + g * GROUP_ROWS, outputs(g));
  });
}
