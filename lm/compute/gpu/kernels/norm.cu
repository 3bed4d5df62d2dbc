// RMSNorm and its gradient, a block for each row.

// It is norm_rows since CUDA has a norm.
struct norm_rows_args {
  view dst, x;
  const float *gain;
  float epsilon;
  int32_t unused;
};

enum { NORM_LANES = 256 };

// squares returns the sum of the squares of eight values.
DEVICE float squares(const eight &e) {
  float s = 0.0f;
#pragma unroll
  for (int i = 0; i < 8; i++) s += e.v[i] * e.v[i];
  return s;
}

KERNEL(norm_rows, NORM_LANES) {
  SHARED(float, room, NORM_LANES / TEAM_LANES);
  const int n = a.x.cols;
  float s = 0.0f;
  for (int j = LANE * 8; j < n; j += LANES * 8) s += squares(get8(a.x, BLOCK_X, j));
  const float r = 1.0f / sqrtf(block_sum(s, room) / (float)n + a.epsilon);
  for (int j = LANE * 8; j < n; j += LANES * 8) {
    const eight gain = load8(a.gain + j, n - j);
    eight e = get8(a.x, BLOCK_X, j);
#pragma unroll
    for (int i = 0; i < 8; i++) e.v[i] = e.v[i] * r * gain.v[i];
    put8(a.dst, BLOCK_X, j, e);
  }
}

struct norm_backward_args {
  view dx, dy, x;
  const float *gain;
  float epsilon;
  int32_t unused;
};

// weighted multiplies eight gradients by the gains of their columns.
DEVICE eight weighted(eight e, const float *gain, int n) {
  const eight g = load8(gain, n);
#pragma unroll
  for (int i = 0; i < 8; i++) e.v[i] *= g.v[i];
  return e;
}

// With h = dy·gain and r the inverse root: dx += r·h - x·r³·mean(h·x).
KERNEL(norm_backward, NORM_LANES) {
  SHARED(float, room, NORM_LANES / TEAM_LANES);
  const int n = a.x.cols;
  float s = 0.0f, d = 0.0f;
  for (int j = LANE * 8; j < n; j += LANES * 8) {
    const eight x = get8(a.x, BLOCK_X, j);
    s += squares(x);
    d += dot8(x, weighted(get8(a.dy, BLOCK_X, j), a.gain + j, n - j));
  }
  const float r = 1.0f / sqrtf(block_sum(s, room) / (float)n + a.epsilon);
  const float c = r * r * r * block_sum(d, room) / (float)n;
  for (int j = LANE * 8; j < n; j += LANES * 8) {
    const eight x = get8(a.x, BLOCK_X, j), h = weighted(get8(a.dy, BLOCK_X, j), a.gain + j, n - j);
    eight e = get8(a.dx, BLOCK_X, j);
#pragma unroll
    for (int i = 0; i < 8; i++) e.v[i] += h.v[i] * r - x.v[i] * c;
    put8(a.dx, BLOCK_X, j, e);
  }
}
