// RMSNorm of each head by itself, and its gradient, a team for each head.

struct norm_heads_args {
  view dst, x;
  const float *gain;
  int32_t dim;
  float epsilon;
};

// head is what a team works on; one that is outside has no columns, for all lanes must come to the sums.
struct head {
  int row, from, dim;
};

DEVICE head head_of(const view &m, int dim) {
  const uint32_t heads = (uint32_t)(m.cols / dim), i = (uint32_t)BLOCK_X * (uint32_t)(LANES / TEAM_LANES) + (uint32_t)(LANE / TEAM_LANES);
  head h;
  h.row = (int)(i / heads);
  h.from = (int)(i % heads) * dim;
  h.dim = h.row < m.rows ? dim : 0;
  return h;
}

KERNEL(norm_heads, 256) {
  const head h = head_of(a.x, a.dim);
  const view x = columns(a.x, h.from, h.dim), dst = columns(a.dst, h.from, h.dim);
  const int lane = LANE % TEAM_LANES;
  float s = 0.0f;
  for (int j = lane * 8; j < h.dim; j += TEAM_LANES * 8) s += squares(get8(x, h.row, j));
  const float r = 1.0f / sqrtf(team_sum(s) / (float)a.dim + a.epsilon);
  for (int j = lane * 8; j < h.dim; j += TEAM_LANES * 8) {
    eight e = weighted(get8(x, h.row, j), a.gain + j, h.dim - j);
#pragma unroll
    for (int i = 0; i < 8; i++) e.v[i] *= r;
    put8(dst, h.row, j, e);
  }
}

struct norm_heads_backward_args {
  view dx, dy, x;
  const float *gain;
  int32_t dim;
  float epsilon;
};

// With h = dy·gain and r the inverse root: dx = r·h - x·r³·mean(h·x). A lane reads of dy only what it then writes of dx, so
// they may be the same.
KERNEL(norm_heads_backward, 256) {
  const head h = head_of(a.x, a.dim);
  const view x = columns(a.x, h.from, h.dim), dy = columns(a.dy, h.from, h.dim), dx = columns(a.dx, h.from, h.dim);
  const int lane = LANE % TEAM_LANES;
  float s = 0.0f, d = 0.0f;
  for (int j = lane * 8; j < h.dim; j += TEAM_LANES * 8) {
    const eight e = get8(x, h.row, j);
    s += squares(e);
    d += dot8(e, weighted(get8(dy, h.row, j), a.gain + j, h.dim - j));
  }
  const float r = 1.0f / sqrtf(team_sum(s) / (float)a.dim + a.epsilon);
  const float c = r * r * r * team_sum(d) / (float)a.dim;
  for (int j = lane * 8; j < h.dim; j += TEAM_LANES * 8) {
    const eight e = get8(x, h.row, j);
    eight g = weighted(get8(dy, h.row, j), a.gain + j, h.dim - j);
#pragma unroll
    for (int i = 0; i < 8; i++) g.v[i] = g.v[i] * r - e.v[i] * c;
    put8(dx, h.row, j, g);
  }
}
