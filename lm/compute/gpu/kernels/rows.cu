// Rows that are picked from a matrix, and put back.

struct gather_args {
  view dst, src;
  const int32_t *rows;
};

KERNEL(gather, 256) {
  const spot s = spot_of(a.dst.rows, a.dst.cols);
  if (s.inside) put8(a.dst, s.row, s.col, get8(a.src, a.rows[s.row], s.col));
}

struct scatter_args {
  view dst, src;
  const int32_t *rows;
};

// place is the number of a row of src, for block_fold.
struct place {
  int32_t row;
  MEMBER void join(const place &other) { row = other.row > row ? other.row : row; }
};

// A block writes one row of dst: it looks for the last row of src that goes there, so that neither a launch before it has
// to clear dst nor the schedule decides where two go to the same.
KERNEL(scatter, 256) {
  SHARED(place, room, 256);
  place from;
  from.row = -1;
  for (int i = LANE; i < a.src.rows; i += LANES)
    if (a.rows[i] == BLOCK_X) from.row = i;
  from = block_fold(from, room);
  for (int col = LANE * 8; col < a.dst.cols; col += LANES * 8) {
    eight e = {};
    if (from.row >= 0) e = get8(a.src, from.row, col);
    put8(a.dst, BLOCK_X, col, e);
  }
}
