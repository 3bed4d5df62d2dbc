// The squared norm of gradients, in float64: square_sum writes a part for each of its blocks, total_sum adds the parts of all
// matrices.

struct square_sum_args {
  view x;
  double *parts;
};

KERNEL(square_sum, 256) {
  SHARED(total, room, 256);
  const uint32_t runs = (uint32_t)(a.x.cols + 7) / 8, all = runs * (uint32_t)a.x.rows;
  total t;
  t.sum = 0.0;
  for (uint32_t i = (uint32_t)(BLOCK_X * LANES + LANE); i < all; i += (uint32_t)(BLOCKS_X * LANES)) {
    const eight e = get8(a.x, i / runs, (int)(i % runs) * 8);
#pragma unroll
    for (int k = 0; k < 8; k++) t.sum += (double)e.v[k] * (double)e.v[k];
  }
  t = block_fold(t, room);
  if (LANE == 0) a.parts[BLOCK_X] = t.sum;
}

struct total_sum_args {
  const double *parts;
  double *sum;
  int32_t count, unused;
};

KERNEL(total_sum, 256) {
  SHARED(total, room, 256);
  total t;
  t.sum = 0.0;
  for (int i = LANE; i < a.count; i += LANES) t.sum += a.parts[i];
  t = block_fold(t, room);
  if (LANE == 0) *a.sum = t.sum;
}
