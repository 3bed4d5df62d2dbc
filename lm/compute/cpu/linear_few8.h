// Linear layers for few rows, with adapters, in bytes.
#pragma once

#include "adapter8.h"

// few_rows8 sets y = x·wᵀ, or adds to it, for 1 to FEW_ROWS8 rows; parts are stacked over y's columns. The engine's
// first adapters are added, from what pack_adapter8 made of them.
static void few_rows8(native *e, mat y, mat x, const blocks *parts, int n, int adapters, int add) {
  enum { PIECE_BYTES = 1 << 15, ADAPTED_COLUMNS = 192 };
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
  parallel_near(e->team, pieces, [&](int piece, int) {
    if (piece < adapters) return first_few(few[piece], rows, x.rows, x.cols);
    piece -= adapters;
    const blocks *w = parts + part_of(&piece, count);
    const int all = (w->rows + GROUP_ROWS - 1) / GROUP_ROWS, from = piece * step(*w),
              to = from + step(*w) < all ? from + step(*w) : all;
    for (int g = from; g < to; g++) {
      const uint8_t *p = w->data + g * group_bytes(*w);
      const int left = w->rows - g * GROUP_ROWS;
      const __mmask16 outputs = left >= GROUP_ROWS ? (__mmask16)-1 : (__mmask16)((1u << left) - 1);
      for (int m = 0; m < x.rows; m += 4)
        some_rows(p, w->format, x.cols / BLOCK_VALUES, rows + m, x.rows - m, row(y, m) + w->column + g * GROUP_ROWS, y.stride, outputs, add);
    }
  });
  if (adapters == 0) return;
  parallel_near(e->team, (y.cols + ADAPTED_COLUMNS - 1) / ADAPTED_COLUMNS, [&](int piece, int) {
    const int end = (piece + 1) * ADAPTED_COLUMNS < y.cols ? (piece + 1) * ADAPTED_COLUMNS : y.cols;
    for (int j = piece * ADAPTED_COLUMNS; j < end; j += GROUP_ROWS)
      for (int i = 0; i < adapters; i++)
        for (int m = 0; m < x.rows; m++) second_few(few[i], m, j, row(y, m) + j, lanes(end - j));
  });
}
