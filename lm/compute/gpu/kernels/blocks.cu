// Frozen weights as files have them: GGUF's types (llama.cpp, ggml-common.h and dequantize_row_* of ggml-quants.c), by the
// numbers of lm/gguf, and NF4 as lm/gguf/nf4.go lays it out.
//
// Lanes take them in pieces of 16 weights, two runs of eight columns, the second APART columns behind the first: where a byte
// has two codes these belong to different runs. A format is a struct with
//
//   VALUES, BYTES   of a block
//   CENTRE          what is taken off codes, or 0
//   MINIMUM         whether something is added to scale·code
//   LEVELS          whether codes stand for 16 levels, which blocks of lanes keep in local memory; level(i, state) is one
//   APART, first(part), unpack(out, block, part, number, state, levels)
//
// where part is the piece of the block and number that of the block in the weight. blocks_read.cu puts them to use.

enum {
  TYPE_F32 = 0, TYPE_F16 = 1, TYPE_Q4_0 = 2, TYPE_Q4_1 = 3, TYPE_Q5_0 = 6, TYPE_Q5_1 = 7, TYPE_Q8_0 = 8, TYPE_Q4_K = 12,
  TYPE_Q5_K = 13, TYPE_Q6_K = 14, TYPE_IQ4_NL = 20, TYPE_BF16 = 30, TYPE_NF4 = 0x10000
};

enum { PIECE = 16, LEVEL_COUNT = 16 };

// stored is a frozen weight. Its data begins at a multiple of 16 bytes; state is what NF4's blocks share.
struct stored {
  const uint8_t *data;
  const float *state;
  int32_t rows, cols;
};

// piece has 16 weights: of run r scale[r]·(code - CENTRE) + minimum[r].
struct piece {
  float code[PIECE], scale[2], minimum[2];
};

// from_half returns the value of an IEEE 754 binary16 number, exactly.
DEVICE float from_half(uint16_t h) {
#if defined(GPU_HIP)
  union { uint16_t u; _Float16 f; } v;
  v.u = h;
  return (float)v.f;
#elif defined(GPU_CUDA)
  float f;
  asm("cvt.f32.f16 %0, %1;" : "=f"(f) : "h"(h));
  return f;
#else
  const uint32_t sign = (uint32_t)(h & 0x8000u) << 16, rest = (uint32_t)(h & 0x7fffu) << 13;
  if (rest >= 31u << 23) return from_bits(sign | (rest + (224u << 23)));
  if (rest < 1u << 23) return from_bits(sign | to_bits((float)(rest >> 13) * 5.9604644775390625e-8f));  // 2^-24
  return from_bits(sign | (rest + (112u << 23)));
#endif
}

// rounded returns a product that no compiler fuses with what is added to it.
DEVICE float rounded(float x, float y) {
#if defined(GPU_CUDA)
  return __fmul_rn(x, y);
#elif defined(GPU_HIP)
  float p = x * y;
  asm volatile("" : "+v"(p));
  return p;
#else
  volatile float p = x * y;
  return p;
#endif
}

// byte_values sets four floats to the bytes of a word. HIP has an instruction for each, which its compiler does not find
// where it knows that the bytes were masked; on CUDA the conversion is slow, so a byte becomes the last of 2^23's mantissa.
DEVICE void byte_values(float *values, uint32_t word) {
#if defined(GPU_HIP)
  asm("" : "+v"(word));
#endif
#pragma unroll
  for (int i = 0; i < 4; i++) {
#if defined(GPU_CUDA)
    values[i] = from_bits(__byte_perm(word, 0x4B000000u, 0x7440u + (uint32_t)i)) - 8388608.0f;
#else
    values[i] = (float)(word >> (8 * i) & 0xffu);
#endif
  }
}

// codes_of sets four codes of each run.
DEVICE void codes_of(float *code, uint32_t low, uint32_t high) {
  byte_values(code, low);
  byte_values(code + 8, high);
}

// word_at and half_at read at addresses that are multiples of ALIGN only: where cards cannot, from parts.
template <int ALIGN>
DEVICE uint32_t word_at(const uint8_t *p) {
#if defined(GPU_CUDA)
  if (ALIGN >= 4) return *(const uint32_t *)p;
  if (ALIGN == 2) return (uint32_t)((const uint16_t *)p)[0] | (uint32_t)((const uint16_t *)p)[1] << 16;
  return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
#else
  uint32_t w;
  __builtin_memcpy(&w, p, sizeof w);
  return w;
#endif
}

DEVICE float half_at(const uint8_t *p) {
#if defined(GPU_CUDA)
  return from_half(*(const uint16_t *)p);
#else
  uint16_t h;
  __builtin_memcpy(&h, p, sizeof h);
  return from_half(h);
#endif
}

// split sets the codes of both runs from eight bytes: their low and their high four bits.
template <int ALIGN>
DEVICE void split(float *code, const uint8_t *p) {
#pragma unroll
  for (int w = 0; w < 2; w++) {
    const uint32_t word = word_at<ALIGN>(p + 4 * w);
    codes_of(code + 4 * w, word & 0x0f0f0f0fu, word >> 4 & 0x0f0f0f0fu);
  }
}

// fifth_bits moves bits [at, at+4) of a word of fifth bits to where codes in four bytes have theirs.
DEVICE uint32_t fifth_bits(uint32_t bits, int at) {
  const uint32_t b = bits >> at & 0xfu;
  return (b & 1u) << 4 | (b & 2u) << 11 | (b & 4u) << 18 | (b & 8u) << 25;
}

DEVICE void scales(piece &out, float scale, float minimum) {
  out.scale[0] = out.scale[1] = scale;
  out.minimum[0] = out.minimum[1] = minimum;
}

struct without_levels {
  enum { LEVELS = 0 };
  DEVICE float level(int, const float *) { return 0.0f; }
};

// Q4_0: {d, 16 bytes of codes}, d·(q - 8); Q4_1: {d, m, 16 bytes}, d·q + m. A byte's codes are 16 columns apart.
template <bool OFFSET>
struct q4 : without_levels {
  enum { VALUES = 32, HEAD = OFFSET ? 4 : 2, BYTES = HEAD + 16, CENTRE = OFFSET ? 0 : 8, MINIMUM = OFFSET, APART = 16 };
  DEVICE int first(int part) { return 8 * part; }
  DEVICE void unpack(piece &out, const uint8_t *p, int part, int64_t, const float *, const float *) {
    scales(out, half_at(p), OFFSET ? half_at(p + 2) : 0.0f);
    split<HEAD>(out.code, p + HEAD + 8 * part);
  }
};

// Q5_0 and Q5_1 have 32 fifth bits before the codes.
template <bool OFFSET>
struct q5 : without_levels {
  enum { VALUES = 32, HEAD = OFFSET ? 4 : 2, BYTES = HEAD + 4 + 16, CENTRE = OFFSET ? 0 : 16, MINIMUM = OFFSET, APART = 16 };
  DEVICE int first(int part) { return 8 * part; }
  DEVICE void unpack(piece &out, const uint8_t *p, int part, int64_t, const float *, const float *) {
    scales(out, half_at(p), OFFSET ? half_at(p + 2) : 0.0f);
    const uint32_t fifth = word_at<HEAD>(p + HEAD);
#pragma unroll
    for (int w = 0; w < 2; w++) {
      const int at = 8 * part + 4 * w;
      const uint32_t word = word_at<HEAD>(p + HEAD + 4 + at);
      codes_of(out.code + 4 * w, (word & 0x0f0f0f0fu) | fifth_bits(fifth, at), (word >> 4 & 0x0f0f0f0fu) | fifth_bits(fifth, at + 16));
    }
  }
};

// Q8_0: {d, 32 signed codes}, d·q.
struct q8_0 : without_levels {
  enum { VALUES = 32, BYTES = 34, CENTRE = 0, MINIMUM = 0, APART = 8 };
  DEVICE int first(int part) { return 16 * part; }
  DEVICE void unpack(piece &out, const uint8_t *p, int part, int64_t, const float *, const float *) {
    scales(out, half_at(p), 0.0f);
#pragma unroll
    for (int w = 0; w < 4; w++) {
      byte_values(out.code + 4 * w, word_at<2>(p + 2 + 16 * part + 4 * w) ^ 0x80808080u);
#pragma unroll
      for (int i = 0; i < 4; i++) out.code[4 * w + i] -= 128.0f;
    }
  }
};

// level_codes replaces codes by their levels.
DEVICE void level_codes(float *code, const float *levels) {
#pragma unroll
  for (int i = 0; i < PIECE; i++) code[i] = levels[(int)code[i]];
}

// IQ4_NL: {d, 16 bytes of codes}, d·level (kvalues_iq4nl).
struct iq4_nl {
  enum { VALUES = 32, BYTES = 18, CENTRE = 0, MINIMUM = 0, LEVELS = 1, APART = 16 };
  DEVICE int first(int part) { return 8 * part; }
  DEVICE float level(int i, const float *) {
    // A byte is a level plus 128.
    const uint32_t word = i < 8 ? (i < 4 ? 0x3f2d1801u : 0x766a5d4fu) : i < 12 ? 0xa6998d81u : 0xf1d9c5b5u;
    return (float)(word >> (8 * (i % 4)) & 0xffu) - 128.0f;
  }
  DEVICE void unpack(piece &out, const uint8_t *p, int part, int64_t, const float *, const float *levels) {
    scales(out, half_at(p), 0.0f);
    split<2>(out.code, p + 2 + 8 * part);
    level_codes(out.code, levels);
  }
};

// NF4: {code of the scale, 2 x 16 bytes of codes}. state has the 16 levels, the 256 values of scales, their offset, and a scale
// for every 256 blocks.
struct nf4 {
  enum { VALUES = 64, BYTES = 33, CENTRE = 0, MINIMUM = 0, LEVELS = 1, APART = 16 };
  enum { SCALES = LEVEL_COUNT, OFFSET = SCALES + 256, SHARED_SCALES = OFFSET + 1, SHARING = 256 };
  DEVICE int first(int part) { return part / 2 * 32 + part % 2 * 8; }
  DEVICE float level(int i, const float *state) { return state[i]; }
  DEVICE void unpack(piece &out, const uint8_t *p, int part, int64_t number, const float *state, const float *levels) {
    scales(out, rounded(state[SCALES + p[0]], state[SHARED_SCALES + number / SHARING]) + state[OFFSET], 0.0f);
    split<1>(out.code, p + 1 + 8 * part);
    level_codes(out.code, levels);
  }
};
