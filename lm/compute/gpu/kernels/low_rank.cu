// Products of a few rows with adapters (Hu et al. 2021): hidden = A·x, then y += scale·B·hidden, for all adapters of a layer at
// once.

enum { ADAPTERS = 32 };

// adapter adds to columns [column, column + b.rows) of y; its hidden values are columns [first, first + a.rows) of hidden.
struct adapter {
  view a, b;
  int32_t column, first;
  float scale;
  int32_t unused;
};

struct low_rank_down_args {
  view hidden, x;
  int32_t count, unused;
  adapter adapters[ADAPTERS];
};

enum { DOWN_LANES = 256, DOWN_ROWS = 4 };

// A block computes a column of hidden for DOWN_ROWS rows of x.
KERNEL(low_rank_down, DOWN_LANES) {
  SHARED(float, room, DOWN_ROWS * DOWN_LANES / TEAM_LANES);
  int i = 0;
  while (i + 1 < a.count && BLOCK_X >= a.adapters[i + 1].first) i++;
  const view &A = a.adapters[i].a;
  const int k = BLOCK_X - a.adapters[i].first, from = BLOCK_Y * DOWN_ROWS, rows = a.x.rows;
  float s[DOWN_ROWS] = {};
  for (int j = LANE * 8; j < A.cols; j += LANES * 8) {
    const eight w = get8(A, k, j);
#pragma unroll
    for (int m = 0; m < DOWN_ROWS; m++) s[m] += dot8(w, get8(a.x, from + m < rows ? from + m : from, j));
  }
#pragma unroll
  for (int m = 0; m < DOWN_ROWS; m++) {
    s[m] = team_sum(s[m]);
    if (LANE % TEAM_LANES == 0) room[m * (DOWN_LANES / TEAM_LANES) + LANE / TEAM_LANES] = s[m];
  }
  BARRIER();
  if (LANE >= DOWN_ROWS || from + LANE >= rows) return;
  float sum = 0.0f;
  for (int t = 0; t < DOWN_LANES / TEAM_LANES; t++) sum += room[LANE * (DOWN_LANES / TEAM_LANES) + t];
  put(a.hidden, from + LANE, BLOCK_X, sum);
}

struct low_rank_up_args {
  view y, hidden;
  int32_t count, unused;
  adapter adapters[ADAPTERS];
};

// A lane adds to an element of y what all adapters that have its column give, one after the other.
KERNEL(low_rank_up, 256) {
  const int col = BLOCK_X * LANES + LANE, row = BLOCK_Y;
  if (col >= a.y.cols) return;
  float y = get(a.y, row, col);
  for (int i = 0; i < a.count; i++) {
    const adapter &p = a.adapters[i];
    if (col < p.column || col >= p.column + p.b.rows) continue;
    const view z = columns(a.hidden, p.first, p.b.cols);
    float s = 0.0f;
    for (int k = 0; k < p.b.cols; k += 8) s += dot8(get8(p.b, col - p.column, k), get8(z, row, k));
    y += p.scale * s;
  }
  put(a.y, row, col, y);
}
