// Copies and what else treats each element, or each row, by itself. The formulas are in compute/ops.go.

struct copy_args {
  view dst, src;
};

KERNEL(copy, 256) {
  const int row = BLOCK_X;
  for (int j = BLOCK_Y * LANES + LANE; j < a.dst.cols; j += BLOCKS_Y * LANES) put(a.dst, row, j, get(a.src, row, j));
}
