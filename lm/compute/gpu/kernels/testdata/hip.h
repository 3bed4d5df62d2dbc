// What hipRTC declares for kernels, for clang where no header of HIP is installed: built-in variables, shuffles and functions.
#pragma once

#define __device__ __attribute__((device))
#define __global__ __attribute__((global))
#define __shared__ __attribute__((shared))
#define __forceinline__ inline __attribute__((always_inline))
#define __align__(n) __attribute__((aligned(n)))
#undef __launch_bounds__
#define __launch_bounds__(threads) __attribute__((amdgpu_flat_work_group_size(1, threads)))

struct hip_index {
  unsigned x, y, z;
};
#define threadIdx (hip_index{__builtin_amdgcn_workitem_id_x(), 0, 0})
#define blockIdx (hip_index{__builtin_amdgcn_workgroup_id_x(), __builtin_amdgcn_workgroup_id_y(), __builtin_amdgcn_workgroup_id_z()})
#define HIP_INT(offset) (((const unsigned *)__builtin_amdgcn_implicitarg_ptr())[offset])
#define HIP_SHORT(offset) (((const unsigned short *)__builtin_amdgcn_implicitarg_ptr())[offset])
#define gridDim (hip_index{HIP_INT(0), HIP_INT(1), HIP_INT(2)})
#define blockDim (hip_index{HIP_SHORT(6), 1, 1})

extern "C" __device__ float __ocml_exp_f32(float), __ocml_log_f32(float), __ocml_sqrt_f32(float), __ocml_rsqrt_f32(float), __ocml_exp2_f32(float);
extern "C" __device__ double __ocml_log_f64(double);
static __device__ __forceinline__ float expf(float x) { return __ocml_exp_f32(x); }
static __device__ __forceinline__ float exp2f(float x) { return __ocml_exp2_f32(x); }
static __device__ __forceinline__ float logf(float x) { return __ocml_log_f32(x); }
static __device__ __forceinline__ float sqrtf(float x) { return __ocml_sqrt_f32(x); }
static __device__ __forceinline__ float rsqrtf(float x) { return __ocml_rsqrt_f32(x); }
static __device__ __forceinline__ float fmaxf(float x, float y) { return __builtin_fmaxf(x, y); }
static __device__ __forceinline__ float fminf(float x, float y) { return __builtin_fminf(x, y); }
static __device__ __forceinline__ float fabsf(float x) { return __builtin_fabsf(x); }
static __device__ __forceinline__ float fmaf(float x, float y, float z) { return __builtin_fmaf(x, y, z); }
static __device__ __forceinline__ double log(double x) { return __ocml_log_f64(x); }
template <class T>
static __device__ __forceinline__ T min(T a, T b) { return b < a ? b : a; }
template <class T>
static __device__ __forceinline__ T max(T a, T b) { return a < b ? b : a; }

static __device__ __forceinline__ void __syncthreads() {
  __builtin_amdgcn_fence(__ATOMIC_RELEASE, "workgroup");
  __builtin_amdgcn_s_barrier();
  __builtin_amdgcn_fence(__ATOMIC_ACQUIRE, "workgroup");
}

static __device__ __forceinline__ int hip_lane() { return __builtin_amdgcn_mbcnt_hi(~0u, __builtin_amdgcn_mbcnt_lo(~0u, 0u)); }
static __device__ __forceinline__ int __shfl(int v, int lane, int width) {
  return __builtin_amdgcn_ds_bpermute((lane + (hip_lane() & ~(width - 1))) * 4, v);
}
static __device__ __forceinline__ float __shfl(float v, int lane, int width) {
  return __builtin_bit_cast(float, __shfl(__builtin_bit_cast(int, v), lane, width));
}
template <class T>
static __device__ __forceinline__ T __shfl_xor(T v, int mask, int width) { return __shfl(v, (hip_lane() ^ mask) & (width - 1), width); }
