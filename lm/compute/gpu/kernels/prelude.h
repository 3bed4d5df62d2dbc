// What all kernels are written in: one dialect for HIP (hipRTC, clang), CUDA (NVRTC) and, in tests, plain C++, where
// the stand-in's spmd.h is included before this file and defines SPMD. No header of a vendor is used.
//
// A kernel is KERNEL(name, threads) { ... } with a struct name_args in scope; its arguments are the members of `a`. threads is the
// number of lanes of a block that it is launched with. Blocks have one dimension; grids up to three.
#pragma once

#ifdef SPMD
#define DEVICE static inline
#else

typedef unsigned char uint8_t;
typedef signed char int8_t;
typedef unsigned short uint16_t;
typedef short int16_t;
typedef unsigned int uint32_t;
typedef int int32_t;
typedef unsigned long long uint64_t;
typedef long long int64_t;

#define DEVICE static __device__ __forceinline__

#if defined(__HIP__) || defined(__HIPCC_RTC__)
#define GPU_HIP 1
#ifndef WAVE
#define WAVE 32
#endif
#define WAVE_XOR(value, mask) __shfl_xor(value, mask, WAVE)
#define WAVE_FROM(value, lane) __shfl(value, lane, WAVE)
#else
#define GPU_CUDA 1
#undef WAVE
#define WAVE 32
#define WAVE_XOR(value, mask) __shfl_xor_sync(0xffffffffu, value, mask)
#define WAVE_FROM(value, lane) __shfl_sync(0xffffffffu, value, lane)
#endif

#define KERNEL(name, threads) extern "C" __global__ void __launch_bounds__(threads) name(name##_args a)
// SHARED declares local memory of the block, DYNAMIC the array whose size is said at the launch.
#define SHARED(type, name, count) __shared__ type name[count]
#define DYNAMIC(type, name) extern __shared__ __align__(16) unsigned char dynamic_shared[]; type *name = (type *)dynamic_shared
#define BARRIER() __syncthreads()
#define LANE ((int)threadIdx.x)
#define LANES ((int)blockDim.x)
#define BLOCK_X ((int)blockIdx.x)
#define BLOCK_Y ((int)blockIdx.y)
#define BLOCK_Z ((int)blockIdx.z)
#define BLOCKS_X ((int)gridDim.x)
#define BLOCKS_Y ((int)gridDim.y)
#define BLOCKS_Z ((int)gridDim.z)
#endif

// view is a row-major matrix, see compute.Tensor: stride counts elements, which are bfloat16 if half is set and float32
// otherwise.
struct view {
  void *data;
  int64_t stride;
  int32_t rows, cols, half, unused;
};

DEVICE float from_bits(uint32_t bits) {
  union { uint32_t u; float f; } v;
  v.u = bits;
  return v.f;
}

DEVICE uint32_t to_bits(float value) {
  union { uint32_t u; float f; } v;
  v.f = value;
  return v.u;
}

DEVICE float from_bfloat16(uint16_t h) { return from_bits((uint32_t)h << 16); }

// to_bfloat16 rounds to nearest, ties to even; NaN stays NaN.
DEVICE uint16_t to_bfloat16(float value) {
  const uint32_t u = to_bits(value);
  if ((u & 0x7fffffffu) > 0x7f800000u) return (uint16_t)(u >> 16 | 0x40u);
  return (uint16_t)((u + 0x7fffu + (u >> 16 & 1u)) >> 16);
}

DEVICE float get(const view &m, int64_t row, int64_t col) {
  const int64_t at = row * m.stride + col;
  return m.half ? from_bfloat16(((const uint16_t *)m.data)[at]) : ((const float *)m.data)[at];
}

DEVICE void put(const view &m, int64_t row, int64_t col, float value) {
  const int64_t at = row * m.stride + col;
  if (m.half) ((uint16_t *)m.data)[at] = to_bfloat16(value);
  else ((float *)m.data)[at] = value;
}

// wave_sum and wave_max return the same in each lane of the wave. All lanes must call them.
DEVICE float wave_sum(float v) {
  for (int o = WAVE / 2; o > 0; o /= 2) v += WAVE_XOR(v, o);
  return v;
}

DEVICE float wave_max(float v) {
  for (int o = WAVE / 2; o > 0; o /= 2) {
    const float w = WAVE_XOR(v, o);
    v = w > v ? w : v;
  }
  return v;
}

// block_sum returns the sum over the block's lanes in each of them, always added in the same order. room has place for a float a wave, and is
// free again after the next barrier. All lanes must call it.
DEVICE float block_sum(float v, float *room) {
  v = wave_sum(v);
  BARRIER();
  if (LANE % WAVE == 0) room[LANE / WAVE] = v;
  BARRIER();
  v = 0.0f;
  for (int w = 0; w < (LANES + WAVE - 1) / WAVE; w++) v += room[w];
  return v;
}

DEVICE float block_max(float v, float *room) {
  v = wave_max(v);
  BARRIER();
  if (LANE % WAVE == 0) room[LANE / WAVE] = v;
  BARRIER();
  v = room[0];
  for (int w = 1; w < (LANES + WAVE - 1) / WAVE; w++) v = room[w] > v ? room[w] : v;
  return v;
}
