// Rows of a frozen weight as a matrix, with the bits of lm/gguf's decoders: a scale times a code is exact in float32, so that
// it does not matter whether a compiler fuses it with the addition that follows.

struct dequantize_args {
  view dst;
  stored w;
  const int32_t *rows;
  int32_t type, shift;
};

// Row i of dst is row i+shift of the weight or, if rows is given, row rows[i]+shift; what the weight does not have is left as
// it is, for it belongs to another part of a stack.
template <class F>
DEVICE void dequantize_of(const dequantize_args &a, float *levels) {
  set_levels<F>(a.w, levels);
  const uint32_t pieces = (uint32_t)F::pieces(a.w.cols), i = (uint32_t)BLOCK_X * (uint32_t)LANES + (uint32_t)LANE;
  const int to = (int)(i / pieces), c = (int)(i % pieces);
  if (to >= a.dst.rows) return;
  const int row = (a.rows ? a.rows[to] : to) + a.shift;
  if (row < 0 || row >= a.w.rows) return;
  piece p;
  if (a.w.cols % PIECE == 0) F::template take<true>(p, a.w, row, c, levels);
  else F::template take<false>(p, a.w, row, c, levels);
#pragma unroll
  for (int r = 0; r < 2; r++) {
    eight e;
#pragma unroll
    for (int k = 0; k < 8; k++) {
      const float code = p.code[8 * r + k];
      e.v[k] = F::MINIMUM ? p.scale[r] * code + p.minimum[r] : p.scale[r] * (code - (float)F::CENTRE);
    }
    put8(a.dst, to, F::column(c) + r * F::APART, e);
  }
}

KERNEL(dequantize, 256) {
  SHARED(float, levels, LEVEL_COUNT);
  switch (a.type) {
    case TYPE_F32: return dequantize_of<plain<single>>(a, levels);
    case TYPE_F16: return dequantize_of<plain<binary16>>(a, levels);
    case TYPE_BF16: return dequantize_of<plain<brain>>(a, levels);
    case TYPE_Q4_0: return dequantize_of<blocked<q4<false>>>(a, levels);
    case TYPE_Q4_1: return dequantize_of<blocked<q4<true>>>(a, levels);
    case TYPE_Q5_0: return dequantize_of<blocked<q5<false>>>(a, levels);
    case TYPE_Q5_1: return dequantize_of<blocked<q5<true>>>(a, levels);
    case TYPE_Q8_0: return dequantize_of<blocked<q8_0>>(a, levels);
    case TYPE_IQ4_NL: return dequantize_of<blocked<iq4_nl>>(a, levels);
    case TYPE_Q4_K: return dequantize_of<blocked<q4_k>>(a, levels);
    case TYPE_Q5_K: return dequantize_of<blocked<q5_k>>(a, levels);
    case TYPE_Q6_K: return dequantize_of<blocked<q6_k>>(a, levels);
    case TYPE_NF4: return dequantize_of<blocked<nf4>>(a, levels);
  }
}
