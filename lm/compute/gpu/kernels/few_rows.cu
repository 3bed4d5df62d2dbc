// Products of a few rows with frozen weights, as in decoding, where reading the weights is the cost: pieces are unpacked in
// registers and multiplied with all rows of x. There are two kernels for each format, one for a single row, so that none has the
// registers of the greediest.

enum { FEW_ROWS = 8, FEW_LANES = 128, FEW_OUTPUTS = 2 };

struct few_rows_args {
  view y, x;
  stored w;
  const int32_t *rows;
  int32_t outputs, shift, column, add, type, unused;
};

// Loads of x: as they come, or known to be float32 at multiples of 16 bytes with nothing missing.
template <bool WHOLE>
DEVICE eight x_at(const view &x, int row, int col) {
  if (!WHOLE) return get8(x, row, col);
  const sixteen *p = (const sixteen *)((const float *)x.data + row * x.stride + col);
  const sixteen b[2] = {p[0], p[1]};
  eight e;
#pragma unroll
  for (int i = 0; i < 8; i++) e.v[i] = from_bits(b[i / 4].w[i % 4]);
  return e;
}

// A team computes FEW_OUTPUTS columns of M rows of y, from row `at` on. Output o is the product with row o+shift of the weight or, if
// rows is given, row rows[o]+shift; what the weight does not have is left as it is.
template <class F, int M, bool WHOLE>
DEVICE void few_outputs(const few_rows_args &a, int at, const float *levels) {
  const int lane = LANE % TEAM_LANES, first = (BLOCK_X * (FEW_LANES / TEAM_LANES) + LANE / TEAM_LANES) * FEW_OUTPUTS;
  int row[FEW_OUTPUTS];
  bool some = false;
#pragma unroll
  for (int o = 0; o < FEW_OUTPUTS; o++) {
    row[o] = first + o >= a.outputs ? -1 : (a.rows ? a.rows[first + o] : first + o) + a.shift;
    if (row[o] >= a.w.rows) row[o] = -1;
    some = some || row[o] >= 0;
  }

  float s[FEW_OUTPUTS][M] = {};
  const int pieces = some ? F::pieces(a.w.cols) : 0;
  for (int c = lane; c < pieces; c += TEAM_LANES) {
    piece w[FEW_OUTPUTS];
#pragma unroll
    for (int o = 0; o < FEW_OUTPUTS; o++) F::template take<WHOLE>(w[o], a.w, row[o] < 0 ? 0 : row[o], c, levels);
    const int col = F::column(c);
#pragma unroll
    for (int m = 0; m < M; m++) {
      const int from = at + m < a.x.rows ? at + m : at;
#pragma unroll
      for (int r = 0; r < 2; r++) {
        const eight x = x_at<WHOLE>(a.x, from, col + r * F::APART);
        const float sum = F::MINIMUM != 0 || F::CENTRE != 0 ? sum8(x) : 0.0f;
#pragma unroll
        for (int o = 0; o < FEW_OUTPUTS; o++) {
          float d = 0.0f;
#pragma unroll
          for (int k = 0; k < 8; k++) d += w[o].code[8 * r + k] * x.v[k];
          if (F::CENTRE != 0) d -= (float)F::CENTRE * sum;
          s[o][m] += w[o].scale[r] * d;
          if (F::MINIMUM) s[o][m] += w[o].minimum[r] * sum;
        }
      }
    }
  }

  // Each result is written by a lane of its own.
  float mine = 0.0f;
  int output = -1, to = 0;
#pragma unroll
  for (int o = 0; o < FEW_OUTPUTS; o++)
#pragma unroll
    for (int m = 0; m < M; m++) {
      const float v = team_sum(s[o][m]);
      if (lane == o * M + m && at + m < a.x.rows && row[o] >= 0) mine = v, output = first + o, to = at + m;
    }
  if (output < 0) return;
  if (a.add) mine += get(a.y, to, a.column + output);
  put(a.y, to, a.column + output, mine);
}

// whole_rows reports whether the fast loads may be used.
DEVICE bool whole_rows(const few_rows_args &a) {
  return !a.x.half && aligned16(a.x.data) && a.x.stride % 4 == 0 && a.w.cols % PIECE == 0;
}

template <class F>
DEVICE void one_row(const few_rows_args &a, float *levels) {
  set_levels<F>(a.w, levels);
  if (whole_rows(a)) few_outputs<F, 1, true>(a, 0, levels);
  else few_outputs<F, 1, false>(a, 0, levels);
}

template <class F>
DEVICE void few_rows(const few_rows_args &a, float *levels) {
  set_levels<F>(a.w, levels);
  const bool whole = whole_rows(a);
  if (whole && a.x.rows <= 2) return few_outputs<F, 2, true>(a, 0, levels);
  if (whole && a.x.rows <= 4) return few_outputs<F, 4, true>(a, 0, levels);
  if (whole && a.x.rows <= FEW_ROWS) return few_outputs<F, FEW_ROWS, true>(a, 0, levels);
  for (int m = 0; m < a.x.rows; m++) few_outputs<F, 1, false>(a, m, levels);
}

#define FEW_ROWS_KERNEL(what, name, ...)    \
  typedef few_rows_args name##_args;        \
  KERNEL(name, FEW_LANES) {                 \
    SHARED(float, levels, LEVEL_COUNT);     \
    what<__VA_ARGS__>(a, levels);           \
  }
#define FEW_ROWS_KERNELS(suffix, ...)                            \
  FEW_ROWS_KERNEL(one_row, one_row_##suffix, __VA_ARGS__)        \
  FEW_ROWS_KERNEL(few_rows, few_rows_##suffix, __VA_ARGS__)

FEW_ROWS_KERNELS(f32, plain<single>)
FEW_ROWS_KERNELS(f16, plain<binary16>)
FEW_ROWS_KERNELS(bf16, plain<brain>)
FEW_ROWS_KERNELS(q4_0, blocked<q4<false>>)
FEW_ROWS_KERNELS(q4_1, blocked<q4<true>>)
FEW_ROWS_KERNELS(q5_0, blocked<q5<false>>)
FEW_ROWS_KERNELS(q5_1, blocked<q5<true>>)
FEW_ROWS_KERNELS(q8_0, blocked<q8_0>)
FEW_ROWS_KERNELS(iq4_nl, blocked<iq4_nl>)
FEW_ROWS_KERNELS(q4_k, blocked<q4_k>)
FEW_ROWS_KERNELS(q5_k, blocked<q5_k>)
FEW_ROWS_KERNELS(q6_k, blocked<q6_k>)
FEW_ROWS_KERNELS(nf4, blocked<nf4>)
