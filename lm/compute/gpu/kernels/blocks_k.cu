// The formats with blocks of 256 weights, see blocks.cu.

// scales_k sets scales and minima of groups g and g+1, g even, from the head of a Q4_K or Q5_K block: {d, dmin, 8 scales and 8
// minima of six bits in 12 bytes} (get_scale_min_k4).
DEVICE void scales_k(piece &out, const uint8_t *p, int g) {
  const sixteen head = *(const sixteen *)p;
  const float d = from_half((uint16_t)head.w[0]), least = from_half((uint16_t)(head.w[0] >> 16));
  const int shift = g % 4 * 8;
  uint32_t scale = head.w[1] >> shift, minimum = head.w[2] >> shift;
  if (g < 4) {
    scale &= 0x3f3fu;
    minimum &= 0x3f3fu;
  } else {
    const uint32_t low = head.w[3] >> shift;
    scale = (low & 0x0f0fu) | (scale >> 2 & 0x3030u);
    minimum = (low >> 4 & 0x0f0fu) | (minimum >> 2 & 0x3030u);
  }
#pragma unroll
  for (int r = 0; r < 2; r++) {
    out.scale[r] = d * (float)(scale >> (8 * r) & 0xffu);
    out.minimum[r] = -(least * (float)(minimum >> (8 * r) & 0xffu));
  }
}

// Q4_K: {head, 128 bytes of codes}, d·s·q - dmin·m. Each 32 bytes of codes are two groups of 32 weights.
struct q4_k : without_levels {
  enum { VALUES = 256, BYTES = 144, CENTRE = 0, MINIMUM = 1, APART = 32 };
  DEVICE int first(int part) { return part / 4 * 64 + part % 4 * 8; }
  DEVICE void unpack(piece &out, const uint8_t *p, int part, int64_t, const float *, const float *) {
    scales_k(out, p, part / 4 * 2);
    split<8>(out.code, p + 16 + 8 * part);
  }
};

// Q5_K: {head, 32 bytes of fifth bits, 128 bytes of codes}; bit g of fifth-bit byte l belongs to weight l of group g.
struct q5_k : without_levels {
  enum { VALUES = 256, BYTES = 176, CENTRE = 0, MINIMUM = 1, APART = 32 };
  DEVICE int first(int part) { return part / 4 * 64 + part % 4 * 8; }
  DEVICE void unpack(piece &out, const uint8_t *p, int part, int64_t, const float *, const float *) {
    const int group = part / 4 * 2;
    scales_k(out, p, group);
#pragma unroll
    for (int w = 0; w < 2; w++) {
      const uint32_t word = word_at<4>(p + 48 + 8 * part + 4 * w), fifth = word_at<4>(p + 16 + part % 4 * 8 + 4 * w) >> group;
      codes_of(out.code + 4 * w, (word & 0x0f0f0f0fu) | (fifth << 4 & 0x10101010u), (word >> 4 & 0x0f0f0f0fu) | (fifth << 3 & 0x10101010u));
    }
  }
};

// Q6_K: {128 bytes of low four bits, 64 bytes of high two bits, 16 signed scales, d}, d·s·(q - 32). Each half of 128 weights is
// four runs of 32: the low bits of its first and second 32 bytes, then the high bits; run k has its top bits in bits 2k and
// 2k+1. Scales are for 16 weights.
struct q6_k : without_levels {
  enum { VALUES = 256, BYTES = 210, CENTRE = 32, MINIMUM = 0, APART = 64 };
  DEVICE int first(int part) { return part / 8 * 128 + part % 8 * 8; }
  DEVICE void unpack(piece &out, const uint8_t *p, int part, int64_t, const float *, const float *) {
    const int half = part / 8, run = part % 8 / 4, at = part % 4 * 8;
    const float d = half_at(p + 208);
#pragma unroll
    for (int r = 0; r < 2; r++) {
      out.scale[r] = d * (float)(int8_t)p[192 + half * 8 + (run + 2 * r) * 2 + at / 16];
      out.minimum[r] = 0.0f;
    }
#pragma unroll
    for (int w = 0; w < 2; w++) {
      const uint32_t word = word_at<2>(p + 8 * part + 4 * w), top = word_at<2>(p + 128 + half * 32 + at + 4 * w) >> (2 * run);
      codes_of(out.code + 4 * w, (word & 0x0f0f0f0fu) | (top << 4 & 0x30303030u), (word >> 4 & 0x0f0f0f0fu) | (top & 0x30303030u));
    }
  }
};
