// What kernels/prelude.h expects of a compiler for cards, for g++: the stand-in includes it before a kernel's source.
// A lane is a fiber; what lanes do together is done by the engine (lanes.cpp), which finds out who is missing.
#pragma once

#include <math.h>
#include <string.h>

#include "abi.h"

#define SPMD 1
#ifndef WAVE
#define WAVE 32
#endif

#define KERNEL(name, threads)                                                                                       \
  static void spmd_body_##name(name##_args a);                                                                      \
  static void spmd_run_##name(const void *args) { spmd_body_##name(*(const name##_args *)args); }                   \
  extern "C" { extern __attribute__((visibility("default"))) const spmd_kernel spmd_kernel_##name; }                \
  const spmd_kernel spmd_kernel_##name = {spmd_run_##name, (threads), (int32_t)sizeof(name##_args), WAVE};          \
  static void spmd_body_##name(name##_args a)

#define SHARED(type, name, count) \
  static char spmd_at_##name;     \
  type(&name)[count] = *(type(*)[count])spmd_shared(&spmd_at_##name, #name, sizeof(type[count]))
#define DYNAMIC(type, name) type *name = (type *)spmd_current->block->dynamic
#define BARRIER() spmd_barrier(__FILE__, __LINE__)
#define LANE ((int)spmd_current->index)
#define LANES ((int)spmd_current->block->lanes)
#define BLOCK_X ((int)spmd_current->block->index[0])
#define BLOCK_Y ((int)spmd_current->block->index[1])
#define BLOCK_Z ((int)spmd_current->block->index[2])
#define BLOCKS_X ((int)spmd_current->block->grid[0])
#define BLOCKS_Y ((int)spmd_current->block->grid[1])
#define BLOCKS_Z ((int)spmd_current->block->grid[2])
#define WAVE_XOR(value, mask) spmd_wave(value, LANE % WAVE ^ (mask), "WAVE_XOR", __FILE__, __LINE__)
#define WAVE_FROM(value, lane) spmd_wave(value, lane, "WAVE_FROM", __FILE__, __LINE__)

template <class T>
static inline T spmd_wave(T value, int from, const char *what, const char *file, int line) {
  static_assert(sizeof(T) == 4 || sizeof(T) == 8, "cards exchange values of four and eight bytes");
  uint64_t bits = 0;
  memcpy(&bits, &value, sizeof value);
  bits = spmd_exchange(bits, from, what, file, line);
  memcpy(&value, &bits, sizeof value);
  return value;
}

// spmd_wmma_16x16x16 is gfx11's d = a·b + c of a wave of 32 on bfloat16: lane l holds row l%16 of a [16] and column
// l%16 of b [16], both halves of the wave the same, and of c and d [8] the elements (2i + l/16, l%16).
static inline void spmd_wmma_16x16x16(float *d, const uint16_t *a, const uint16_t *b, const float *c,
                                      const char *file = __builtin_FILE(), int line = __builtin_LINE()) {
  spmd_matrix_wmma(d, a, b, c, file, line);
}

// spmd_mma_m16n8k16 is CUDA's mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32: a [4] and b [2] hold two bfloat16
// each, the first in the lower half, c and d [4].
static inline void spmd_mma_m16n8k16(float *d, const uint32_t *a, const uint32_t *b, const float *c,
                                     const char *file = __builtin_FILE(), int line = __builtin_LINE()) {
  spmd_matrix_mma(d, a, b, c, file, line);
}

// What cards' compilers know without a header and C does not.
static inline float rsqrtf(float x) { return 1.0f / sqrtf(x); }
template <class T>
static inline T min(T a, T b) { return b < a ? b : a; }
template <class T>
static inline T max(T a, T b) { return a < b ? b : a; }
