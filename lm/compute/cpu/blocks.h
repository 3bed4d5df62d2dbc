// Quantised blocks of 32 weights in GGUF's layouts (llama.cpp, ggml-common.h) that products of a few rows read.
#pragma once

#include "team.h"
#include "vec.h"

enum { BLOCK_VALUES = 32 };

#if LANES == 16
INLINE vf widen(const uint8_t *p) { return (vf)_mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)p))); }
INLINE vf widen(const int8_t *p) { return (vf)_mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *)p))); }
#elif LANES == 8
INLINE vf widen(const uint8_t *p) { return (vf)_mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)p))); }
INLINE vf widen(const int8_t *p) { return (vf)_mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)p))); }
#else
template <class T>
INLINE vf widen(const T *p) {
  vf v;
  for (int i = 0; i < LANES; i++) v[i] = (float)p[i];
  return v;
}
#endif

// half returns the IEEE 754 binary16 value at p.
INLINE float half(const uint8_t *p) {
  uint16_t h;
  memcpy(&h, p, sizeof h);
#if LANES >= 8
  return _cvtsh_ss(h);
#else
  const uint32_t sign = (uint32_t)(h & 0x8000u) << 16, rest = (uint32_t)(h & 0x7fffu) << 13;
  uint32_t bits = rest + (112u << 23);
  if (rest >= 31u << 23) bits = rest + (224u << 23);  // infinities and NaN
  float f;
  memcpy(&f, &bits, sizeof f);
  if (rest < 1u << 23) f = (float)rest * 0x1p-37f;  // zero and subnormals: rest is mantissa·2^13, of unit 2^-24
  memcpy(&bits, &f, sizeof f);
  bits |= sign;
  memcpy(&f, &bits, sizeof f);
  return f;
#endif
}

// nibbles splits 16 bytes into 32 values: the low halves, then the high halves.
INLINE void nibbles(const uint8_t *p, uint8_t *values) {
#if LANES >= 8
  const __m128i b = _mm_loadu_si128((const __m128i *)p), low = _mm_set1_epi8(15);
  _mm_storeu_si128((__m128i *)values, _mm_and_si128(b, low));
  _mm_storeu_si128((__m128i *)(values + 16), _mm_and_si128(_mm_srli_epi16(b, 4), low));
#else
  for (int i = 0; i < 16; i++) values[i] = p[i] & 15, values[16 + i] = p[i] >> 4;
#endif
}

#if LANES == 16
// unpack_nibbles leaves 32 values in two vectors; the table look-up uses the low 4 bits of each lane.
INLINE void unpack_nibbles(const uint8_t *p, vf *w) {
  const __m512 table = _mm512_setr_ps(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  const __m512i b = _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)p));
  w[0] = (vf)_mm512_permutexvar_ps(b, table);
  w[1] = (vf)_mm512_permutexvar_ps(_mm512_srli_epi32(b, 4), table);
}
#else
INLINE void unpack_nibbles(const uint8_t *p, vf *w) {
  uint8_t values[BLOCK_VALUES];
  nibbles(p, values);
  for (int i = 0; i < BLOCK_VALUES / LANES; i++) w[i] = widen(values + i * LANES);
}
#endif

// Formats: bytes of a block and, for a block, its values without offset, its factor and its offset:
// weight = factor·value + offset.
struct q4_0 {
  enum { BYTES = 18, OFFSET = 1 };
  INLINE void unpack(const uint8_t *p, vf *w) { unpack_nibbles(p + 2, w); }
  INLINE float factor(const uint8_t *p) { return half(p); }
  INLINE float offset(const uint8_t *p) { return -8.0f * half(p); }
};
struct q4_1 {
  enum { BYTES = 20, OFFSET = 1 };
  INLINE void unpack(const uint8_t *p, vf *w) { unpack_nibbles(p + 4, w); }
  INLINE float factor(const uint8_t *p) { return half(p); }
  INLINE float offset(const uint8_t *p) { return half(p + 2); }
};
struct q8_0 {
  enum { BYTES = 34, OFFSET = 0 };
  INLINE void unpack(const uint8_t *p, vf *w) {
    for (int i = 0; i < BLOCK_VALUES / LANES; i++) w[i] = widen((const int8_t *)p + 2 + i * LANES);
  }
  INLINE float factor(const uint8_t *p) { return half(p); }
  INLINE float offset(const uint8_t *) { return 0.0f; }
};
