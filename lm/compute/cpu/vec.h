// Vectors of LANES floats on GCC's vector extensions. This and the other kernel headers are compiled
// once for each instruction set, by kernels_*.cpp, which defines LANES; everything is static so that
// the copies never mix.
#pragma once

typedef float vf __attribute__((vector_size(4 * LANES)));
typedef int32_t vi __attribute__((vector_size(4 * LANES)));
typedef float vf_unaligned __attribute__((vector_size(4 * LANES), aligned(4), may_alias));

#define INLINE static inline __attribute__((always_inline))

INLINE vf load(const float *p) { return *(const vf_unaligned *)p; }
INLINE void store(float *p, vf v) { *(vf_unaligned *)p = v; }
INLINE vf splat(float x) { return x - vf{}; }

// load and store of the first n lanes; missing lanes are 0.
INLINE vf load(const float *p, int n) {
  if (__builtin_expect(n >= LANES, 1)) return load(p);
  vf v = {};
  __builtin_memcpy(&v, p, sizeof(float) * (size_t)n);
  return v;
}
INLINE void store(float *p, vf v, int n) {
  if (__builtin_expect(n >= LANES, 1))
    store(p, v);
  else
    __builtin_memcpy(p, &v, sizeof(float) * (size_t)n);
}

INLINE vf max(vf a, vf b) { return a > b ? a : b; }
INLINE vf min(vf a, vf b) { return a < b ? a : b; }

// first returns a mask of the first n lanes.
INLINE vi first(int n) {
  vi lane;
  for (int i = 0; i < LANES; i++) lane[i] = i;
  return lane < n;
}

INLINE float sum(vf v) {
#if LANES == 16
  return _mm512_reduce_add_ps((__m512)v);
#else
  float s[LANES];
  __builtin_memcpy(s, &v, sizeof s);
  for (int half = LANES / 2; half > 0; half /= 2)
    for (int i = 0; i < half; i++) s[i] += s[i + half];
  return s[0];
#endif
}
INLINE float largest(vf v) {
#if LANES == 16
  return _mm512_reduce_max_ps((__m512)v);
#else
  float m = v[0];
  for (int i = 1; i < LANES; i++) m = v[i] > m ? v[i] : m;
  return m;
#endif
}

// exponential is e^x within 2 units in the last place, after Cephes' expf: x = n·ln 2 + r, e^r by a
// polynomial, 2^n through the exponent bits. x is clipped to [-87.3, 88.3].
INLINE vf exponential(vf x) {
  x = min(max(x, splat(-87.3f)), splat(88.3f));
  const vf magic = splat(12582912.0f);  // 1.5·2^23: adding it rounds to an integer
  vf t = x * 1.44269504f + magic;
  vf n = t - magic;
  vf r = x - n * 0.693359375f;
  r = r + n * 2.12194440e-4f;
  vf p = splat(1.9875691500e-4f);
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  return (vf)((vi)p + (((vi)t - (vi)magic) << 23));
}
