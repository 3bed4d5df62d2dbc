// AdamW (Loshchilov and Hutter 2019, algorithm 2, in PyTorch's form), see train/adamw.go, from which the factors come.

struct adamw_args {
  view x, g, m, v;
  float beta1, beta2, rest1, rest2;  // rest = 1 - beta
  float size, root, keep, epsilon, factor;
  int32_t unused;
};

// With d = factor·g: m = beta1·m + rest1·d, v = beta2·v + rest2·d², x = keep·x - size·m/(sqrt(root·v) + epsilon).
KERNEL(adamw, 256) {
  const spot s = spot_of(a.x.rows, a.x.cols);
  if (!s.inside) return;
  const eight g = get8(a.g, s.row, s.col);
  eight x = get8(a.x, s.row, s.col), m = get8(a.m, s.row, s.col), v = get8(a.v, s.row, s.col);
#pragma unroll
  for (int i = 0; i < 8; i++) {
    const float d = g.v[i] * a.factor;
    m.v[i] = a.beta1 * m.v[i] + a.rest1 * d;
    v.v[i] = a.beta2 * v.v[i] + a.rest2 * d * d;
    x.v[i] = a.keep * x.v[i] - a.size * m.v[i] / (sqrtf(v.v[i] * a.root) + a.epsilon);
  }
  put8(a.x, s.row, s.col, x);
  put8(a.m, s.row, s.col, m);
  put8(a.v, s.row, s.col, v);
}
