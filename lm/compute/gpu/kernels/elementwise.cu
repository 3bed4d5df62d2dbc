// What treats each element by itself. The formulas are in compute/ops.go.

struct copy_args {
  view dst, src;
};

KERNEL(copy, 256) {
  const spot s = spot_of(a.dst.rows, a.dst.cols);
  if (s.inside) put8(a.dst, s.row, s.col, get8(a.src, s.row, s.col));
}

struct fill_args {
  view dst;
  float value;
  int32_t unused;
};

KERNEL(fill, 256) {
  const spot s = spot_of(a.dst.rows, a.dst.cols);
  if (!s.inside) return;
  eight e;
#pragma unroll
  for (int i = 0; i < 8; i++) e.v[i] = a.value;
  put8(a.dst, s.row, s.col, e);
}

struct scale_rows_args {
  view x;
  const float *factors;
};

KERNEL(scale_rows, 256) {
  const spot s = spot_of(a.x.rows, a.x.cols);
  if (!s.inside) return;
  const float factor = a.factors[s.row];
  eight e = get8(a.x, s.row, s.col);
#pragma unroll
  for (int i = 0; i < 8; i++) e.v[i] *= factor;
  put8(a.x, s.row, s.col, e);
}

struct add_bias_args {
  view x;
  const float *bias;
};

KERNEL(add_bias, 256) {
  const spot s = spot_of(a.x.rows, a.x.cols);
  if (!s.inside) return;
  const eight bias = load8(a.bias + s.col, a.x.cols - s.col);
  eight e = get8(a.x, s.row, s.col);
#pragma unroll
  for (int i = 0; i < 8; i++) e.v[i] += bias.v[i];
  put8(a.x, s.row, s.col, e);
}
