// SwiGLU and its gradient. e^-x overflows to infinity for x far below 0, and the sigmoid is 0 then, as it should be.

DEVICE float sigmoid(float x) { return 1.0f / (1.0f + expf(-x)); }

struct swiglu_args {
  view dst, x;
};

KERNEL(swiglu, 256) {
  const spot s = spot_of(a.dst.rows, a.dst.cols);
  if (!s.inside) return;
  const int n = a.dst.cols;
  const eight g = get8(columns(a.x, 0, n), s.row, s.col), u = get8(columns(a.x, n, n), s.row, s.col);
  eight e;
#pragma unroll
  for (int i = 0; i < 8; i++) e.v[i] = g.v[i] * sigmoid(g.v[i]) * u.v[i];
  put8(a.dst, s.row, s.col, e);
}

struct swiglu_backward_args {
  view dx, dy, x;
};

// silu'(g) = s·(1 + g·(1 - s)) with s = sigmoid(g).
KERNEL(swiglu_backward, 256) {
  const spot at = spot_of(a.dy.rows, a.dy.cols);
  if (!at.inside) return;
  const int n = a.dy.cols;
  const eight g = get8(columns(a.x, 0, n), at.row, at.col), u = get8(columns(a.x, n, n), at.row, at.col);
  const eight d = get8(a.dy, at.row, at.col);
  eight dg, du;
#pragma unroll
  for (int i = 0; i < 8; i++) {
    const float s = sigmoid(g.v[i]);
    du.v[i] = d.v[i] * g.v[i] * s;
    dg.v[i] = d.v[i] * u.v[i] * s * (1.0f + g.v[i] * (1.0f - s));
  }
  put8(columns(a.dx, 0, n), at.row, at.col, dg);
  put8(columns(a.dx, n, n), at.row, at.col, du);
}
