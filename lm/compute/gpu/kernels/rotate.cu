// Rotary position embedding, in place.

struct rotate_args {
  view x, table;
  const int32_t *positions;
  int32_t dim, inverse;
};

// A lane turns eight pairs (j, j+dim/2) of a head. Runs are counted over the heads of all rows.
KERNEL(rotate, 256) {
  const int half = a.dim / 2, heads = a.x.cols / a.dim;
  const spot s = spot_of(a.x.rows * heads, half);
  if (!s.inside) return;
  const int row = s.row / heads, from = s.row % heads * a.dim, position = a.positions[row];
  const float sign = a.inverse ? -1.0f : 1.0f;
  const view low = columns(a.x, from, half), high = columns(a.x, from + half, half);
  const eight p = get8(low, row, s.col), q = get8(high, row, s.col);
  const eight c = get8(columns(a.table, 0, half), position, s.col), d = get8(columns(a.table, half, half), position, s.col);
  eight e, f;
#pragma unroll
  for (int i = 0; i < 8; i++) {
    e.v[i] = p.v[i] * c.v[i] - q.v[i] * d.v[i] * sign;
    f.v[i] = q.v[i] * c.v[i] + p.v[i] * d.v[i] * sign;
  }
  put8(low, row, s.col, e);
  put8(high, row, s.col, f);
}
