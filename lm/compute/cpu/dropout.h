// Dropout masks from Philox4x32-10, defined at compute.Dropout.
#pragma once

#include "vec.h"

// Philox constants of Salmon et al. 2011, table 2 and section 4.3.
enum : uint32_t { PHILOX_M0 = 0xD2511F53u, PHILOX_M1 = 0xCD9E8D57u, PHILOX_W0 = 0x9E3779B9u, PHILOX_W1 = 0xBB67AE85u };

enum { DRAWS = 8, MASK_BLOCKS = 16 };

// dropped_row sets dst[j] = src[j]·keep or 0 for columns [from, to) of a row; from is a multiple of
// DRAWS. dst may be src.
static void dropped_row(float *dst, const float *src, mask m, uint32_t row_number, int from, int to) {
  for (int j = from; j < to; j += DRAWS * MASK_BLOCKS) {
    uint32_t w[4][MASK_BLOCKS];
    for (int i = 0; i < MASK_BLOCKS; i++) {
      uint32_t c0 = (uint32_t)(j / DRAWS + i), c1 = row_number, c2 = m.stream, c3 = 0;
      uint32_t k0 = m.key[0], k1 = m.key[1];
      for (int round = 0; round < 10; round++) {
        const uint64_t p0 = (uint64_t)PHILOX_M0 * c0, p1 = (uint64_t)PHILOX_M1 * c2;
        c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
        c1 = (uint32_t)p1;
        c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c3 = (uint32_t)p0;
        k0 += PHILOX_W0;
        k1 += PHILOX_W1;
      }
      w[0][i] = c0, w[1][i] = c1, w[2][i] = c2, w[3][i] = c3;
    }
    const int n = to - j < DRAWS * MASK_BLOCKS ? to - j : DRAWS * MASK_BLOCKS;
    for (int i = 0; i < n; i++) {
      const uint32_t draw = w[i % DRAWS / 2][i / DRAWS] >> (16 * (i % 2)) & 0xffff;
      dst[j + i] = draw < m.threshold ? 0.0f : src[j + i] * m.keep;
    }
  }
}
