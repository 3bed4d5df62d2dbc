// The product of bfloat16 operands by tdpbf16ps, in tiles of 16 x 16 sums (Intel AMX).
#pragma once

#include "elementwise_bf16.h"

// The processors that have these tiles read ahead along the panels by themselves, and what is asked for beside that holds up
// the loads of tiles: up to a sixth of a product's time.
enum { GROUP = 2, KERNEL_ROWS = 32, FETCHES = false };

// kernel_begin sets up the calling thread's tile registers, kernel_end releases them, so that the system need
// not keep their 8 KiB for a thread that does something else.
// (GCC 12 takes the instruction to read 8 bytes only: stores to the others might be left out.)
static void kernel_begin() {
  // Palette 1; from byte 16 on the bytes in a row of each of 8 tiles, from byte 48 on their rows.
  alignas(64) static const uint8_t configuration[64] = {1,  0, 0,  0, 0,  0, 0,  0, 0,  0, 0,  0, 0,  0, 0,  0,
                                                        64, 0, 64, 0, 64, 0, 64, 0, 64, 0, 64, 0, 64, 0, 64, 0,
                                                        0,  0, 0,  0, 0,  0, 0,  0, 0,  0, 0,  0, 0,  0, 0,  0,
                                                        16, 16, 16, 16, 16, 16, 16, 16};
  _tile_loadconfig(configuration);
}
INLINE void kernel_end() { _tile_release(); }

// store_tiles writes what of the tiles' 32 x 32 sums is wanted.
static void store_tiles(const float *sums, int rows, int columns, float *c, ptrdiff_t cm, bool add) {
  for (int i = 0; i < rows; i++, sums += 32, c += cm)
    for (int j = 0; j < columns; j += LANES) {
      const vf v = load(sums + j);
      store(c + j, add ? v + load(c + j, columns - j) : v, columns - j);
    }
}

static void store_tiles(const float *sums, int rows, int columns, b16 *c, ptrdiff_t cm, bool) {
  if (columns == 32) {
    for (int i = 0; i < rows; i++, sums += 32, c += cm) round_row(c, sums, 32);
    return;
  }
  for (int i = 0; i < rows; i++, sums += 32, c += cm)
    for (int j = 0; j < columns; j += LANES) store16(c + j, load(sums + j), columns - j);
}

// bf16_tiles computes ROWS·16 rows and COLUMNS·16 columns.
template <int ROWS, int COLUMNS, class Out>
INLINE void bf16_tiles(const segment *s, int n, int from, int rows, int columns, Out *c, ptrdiff_t cm, bool add) {
  _tile_zero(0);
  if (COLUMNS > 1) _tile_zero(1);
  if (ROWS > 1) _tile_zero(2);
  if (ROWS > 1 && COLUMNS > 1) _tile_zero(3);
  for (; n > 0; n--, s++) {
    const b16 *a = s->a + from * s->as, *b = s->b;
    const ptrdiff_t as = s->as, bs = s->bs;
    for (int k = 0; k < s->depth; k += DEPTH, a += DEPTH, b += DEPTH * PANEL) {
      _tile_loadd(6, b, 64);
      _tile_loadd(4, a, as * 2);
      if (COLUMNS > 1) _tile_loadd(7, b + bs, 64);
      if (ROWS > 1) _tile_loadd(5, a + 16 * as, as * 2);
      _tile_dpbf16ps(0, 4, 6);
      if (COLUMNS > 1) _tile_dpbf16ps(1, 4, 7);
      if (ROWS > 1) _tile_dpbf16ps(2, 5, 6);
      if (ROWS > 1 && COLUMNS > 1) _tile_dpbf16ps(3, 5, 7);
    }
  }
  const bool whole = sizeof(Out) == sizeof(float) && !add && rows == ROWS * 16 && columns == COLUMNS * 16;
  alignas(64) float sums[32 * 32];
  float *to = whole ? (float *)c : sums;
  const ptrdiff_t stride = whole ? cm : 32;
  _tile_stored(0, to, stride * 4);
  if (COLUMNS > 1) _tile_stored(1, to + 16, stride * 4);
  if (ROWS > 1) _tile_stored(2, to + 16 * stride, stride * 4);
  if (ROWS > 1 && COLUMNS > 1) _tile_stored(3, to + 16 * stride + 16, stride * 4);
  if (!whole) store_tiles(sums, rows, columns, c, cm, add);
}

// kernel_tile sets c [rows, columns], of at most KERNEL_ROWS rows and GROUP panels, to the segments' sum, or adds it, which
// only float32 can. from is the first row of the left operands.
template <class Out>
INLINE void kernel_tile(const segment *s, int n, int from, int rows, int columns, Out *c, ptrdiff_t cm, bool add) {
  if (rows > 16)
    columns > PANEL ? bf16_tiles<2, 2>(s, n, from, rows, columns, c, cm, add) : bf16_tiles<2, 1>(s, n, from, rows, columns, c, cm, add);
  else
    columns > PANEL ? bf16_tiles<1, 2>(s, n, from, rows, columns, c, cm, add) : bf16_tiles<1, 1>(s, n, from, rows, columns, c, cm, add);
}
