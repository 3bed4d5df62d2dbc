// c [m, n] = alpha·a·b' + beta·c for a [m, k] and b [n, k], each of which may be given turned, as [k, m] or [k, n]. It is for where the
// vendor's library is missing, and for products that are thin. Operands are rounded to bfloat16, but see gemm_exact.
//
// A batch is matrices that are step elements apart. Where m and n are small and k is not, the depth is split: every block sums part of
// it, and gemm_join adds the parts in order.

struct gemm_args {
  view a, b, c, parts;  // parts [batch·splits·m, n] in float32, if there are splits
  int64_t step_a, step_b, step_c;
  int32_t turned_a, turned_b, depth, splits;
  float alpha, beta;
};

// gemm_part is what of a batch and of the depth a block does.
struct gemm_part {
  int batch, from, to;
};

enum { GEMM_DEPTH = 32, GEMM_STRIDE = GEMM_DEPTH + 8 };

DEVICE gemm_part gemm_part_of(const gemm_args &a) {
  // Parts are whole numbers of steps.
  const int steps = (a.depth + GEMM_DEPTH - 1) / GEMM_DEPTH, split = BLOCK_Z % a.splits;
  gemm_part p;
  p.batch = BLOCK_Z / a.splits;
  p.from = (int)((int64_t)steps * split / a.splits) * GEMM_DEPTH;
  p.to = (int)((int64_t)steps * (split + 1) / a.splits) * GEMM_DEPTH;
  if (p.to > a.depth) p.to = a.depth;
  return p;
}

DEVICE view moved(view m, int64_t elements) {
  m.data = m.half ? (void *)((uint16_t *)m.data + elements) : (void *)((float *)m.data + elements);
  return m;
}

// gemm_put writes a sum, or its part.
DEVICE void gemm_put(const gemm_args &a, const view &c, int row, int col, float sum) {
  if (a.splits > 1) put(a.parts, (int64_t)BLOCK_Z * c.rows + row, col, sum);
  else put(c, row, col, a.alpha * sum + (a.beta != 0.0f ? a.beta * get(c, row, col) : 0.0f));
}

// gemm_results takes sums of rows and columns from a row and a column on, or parts of them.
struct gemm_results {
  const gemm_args &a;
  view c;
  int row, col;

  METHOD void operator()(int i, int j, const float *x) const {
    const int r = row + i, q = col + j;
    if (r >= c.rows || q >= c.cols) return;
    if (a.splits > 1) {
      put8(a.parts, ((int64_t)BLOCK_Z * c.rows + r) * a.parts.stride + q, c.cols - q, x);
      return;
    }
    float y[8];
    UNROLL for (int n = 0; n < 8; n++) {
      y[n] = a.alpha * x[n];
      if (a.beta != 0.0f && q + n < c.cols) y[n] += a.beta * get(c, r, q + n);
    }
    put8(c, r * c.stride + q, c.cols - q, y);
  }
};

// load8_to fetches the elements [k, k+8) of a line whose length is any.
DEVICE four load8_to(const line &l, int k) {
  if (k + 8 <= l.cols || k >= l.cols) return load8(l, k);
  four f;
  UNROLL for (int i = 0; i < 4; i++) {
    float x[2];
    UNROLL for (int j = 0; j < 2; j++) {
      const int at = k + 2 * i + j;
      x[j] = at >= l.cols ? 0.0f : l.half ? from_bfloat16(((const uint16_t *)l.data)[at]) : ((const float *)l.data)[at];
    }
    f.x[i] = pack(x[0], x[1]);
  }
  return f;
}

// gemm_side brings SIDE rows of an operand to local memory, GEMM_DEPTH of k at a time: each lane eight elements of two rows.
template <int SIDE>
struct gemm_side {
  enum { SIZE = SIDE * GEMM_STRIDE, UNITS = SIDE * GEMM_DEPTH / 16 };

  view m;
  int turned, from, to;  // the first row here, and the end of k
  four held[2];

  METHOD void fetch(int k) {
    if (LANE >= UNITS) return;
    const int row = turned ? k + LANE % (GEMM_DEPTH / 2) * 2 : from + LANE / (GEMM_DEPTH / 8) * 2;
    const int col = turned ? from + LANE / (GEMM_DEPTH / 2) * 8 : k + LANE % (GEMM_DEPTH / 8) * 8;
    const int rows = turned ? to : m.rows, cols = turned ? m.cols : to;
    UNROLL for (int i = 0; i < 2; i++)
      held[i] = load8_to(line_of(m, row + i < rows ? row + i : 0, 0, cols, row + i < rows), col);
  }

  METHOD void store(uint16_t *room) const {
    if (LANE >= UNITS) return;
    if (turned) {
      store_turned(room + LANE / (GEMM_DEPTH / 2) * 8 * GEMM_STRIDE + LANE % (GEMM_DEPTH / 2) * 2, GEMM_STRIDE, held[0], held[1]);
    } else {
      uint16_t *at = room + LANE / (GEMM_DEPTH / 8) * 2 * GEMM_STRIDE + LANE % (GEMM_DEPTH / 8) * 8;
      *(four *)at = held[0];
      *(four *)(at + GEMM_STRIDE) = held[1];
    }
  }
};

// gemm_block computes M x N elements; the teams lie in TEAMS columns.
template <int M, int N, int LANES_, int TEAMS>
struct gemm_block {
  enum {
    ROWS = M / (LANES_ / TEAM / TEAMS) / TILE,
    COLS = N / TEAMS / TILE,
    SIZE = 2 * ((int)gemm_side<M>::SIZE + (int)gemm_side<N>::SIZE)
  };

  sums out[ROWS][COLS];

  METHOD void step(const uint16_t *a, const uint16_t *b) {
    const int row = LANE / TEAM / TEAMS * ROWS * TILE, col = LANE / TEAM % TEAMS * COLS * TILE;
    TILES_UNROLL for (int k = 0; k < GEMM_DEPTH; k += TILE) {
      tiles::left rows[ROWS];
      UNROLL for (int i = 0; i < ROWS; i++) rows[i] = tiles::load_left(a + (row + i * TILE) * GEMM_STRIDE + k, GEMM_STRIDE);
      UNROLL for (int j = 0; j < COLS; j++) {
        const tiles::right cols = tiles::load_right(b + (col + j * TILE) * GEMM_STRIDE + k, GEMM_STRIDE);
        UNROLL for (int i = 0; i < ROWS; i++) tiles::multiply(out[i][j], rows[i], cols);
      }
    }
  }

  METHOD void run(const gemm_args &a, uint16_t *room) {
    const gemm_part p = gemm_part_of(a);
    const view c = moved(a.c, p.batch * a.step_c);
    gemm_side<M> left;
    left.m = moved(a.a, p.batch * a.step_a), left.turned = a.turned_a, left.from = BLOCK_X * M, left.to = p.to;
    gemm_side<N> right;
    right.m = moved(a.b, p.batch * a.step_b), right.turned = a.turned_b, right.from = BLOCK_Y * N, right.to = p.to;
    UNROLL for (int i = 0; i < ROWS; i++)
      UNROLL for (int j = 0; j < COLS; j++) out[i][j] = no_sums();

    // While one half of local memory is multiplied the next elements are under way to the other.
    uint16_t *now = room, *next = room + SIZE / 2;
    left.fetch(p.from), right.fetch(p.from);
    left.store(now), right.store(now + gemm_side<M>::SIZE);
    BARRIER();
    for (int k = p.from; k < p.to; k += GEMM_DEPTH) {
      const bool more = k + GEMM_DEPTH < p.to;
      if (more) left.fetch(k + GEMM_DEPTH), right.fetch(k + GEMM_DEPTH);
      step(now, now + gemm_side<M>::SIZE);
      if (more) left.store(next), right.store(next + gemm_side<M>::SIZE);
      BARRIER();
      uint16_t *swapped = now;
      now = next, next = swapped;
    }

    const int row = BLOCK_X * M + LANE / TEAM / TEAMS * ROWS * TILE, col = BLOCK_Y * N + LANE / TEAM % TEAMS * COLS * TILE;
    float one[tiles::SLOTS];
    UNROLL for (int i = 0; i < tiles::SLOTS; i++) one[i] = 1.0f;
    UNROLL for (int i = 0; i < ROWS; i++) write_sums<COLS>(out[i], one, gemm_results{a, c, row + i * TILE, col}, (float *)room);
  }
};

#define GEMM(name, m, n, lanes, teams)               \
  typedef gemm_args name##_args;                     \
  KERNEL(name, lanes) {                              \
    typedef gemm_block<m, n, lanes, teams> kind;     \
    SHARED(four, room, kind::SIZE / 8);              \
    kind work;                                       \
    work.run(a, (uint16_t *)room);                   \
  }

GEMM(gemm_128, 128, 128, 256, 2)
GEMM(gemm_64, 64, 64, 128, 2)
GEMM(gemm_few_rows, 16, 128, 256, 8)
GEMM(gemm_few_cols, 128, 16, 256, 1)

// gemm_exact multiplies in float32, and takes views that begin anywhere.
typedef gemm_args gemm_exact_args;

KERNEL(gemm_exact, 256) {
  enum { SIDE = 64, DEPTH = 16 };
  SHARED(float, left, DEPTH * (SIDE + 1));
  SHARED(float, right, DEPTH * (SIDE + 1));
  const gemm_part p = gemm_part_of(a);
  const view x = moved(a.a, p.batch * a.step_a), y = moved(a.b, p.batch * a.step_b), c = moved(a.c, p.batch * a.step_c);
  const int row = BLOCK_X * SIDE, col = BLOCK_Y * SIDE;
  float sum[4][4] = {};
  for (int from = p.from; from < p.to; from += DEPTH) {
    BARRIER();
    for (int i = LANE; i < SIDE * DEPTH; i += LANES) {
      // Lanes side by side read elements side by side.
      const int ka = a.turned_a ? i / SIDE : i % DEPTH, ra = a.turned_a ? i % SIDE : i / DEPTH, u = from + ka, r = row + ra;
      left[ka * (SIDE + 1) + ra] = u < p.to && r < c.rows ? a.turned_a ? get(x, u, r) : get(x, r, u) : 0.0f;
      const int kb = a.turned_b ? i / SIDE : i % DEPTH, rb = a.turned_b ? i % SIDE : i / DEPTH, v = from + kb, q = col + rb;
      right[kb * (SIDE + 1) + rb] = v < p.to && q < c.cols ? a.turned_b ? get(y, v, q) : get(y, q, v) : 0.0f;
    }
    BARRIER();
    for (int k = 0; k < DEPTH; k++) {
      float l[4], r[4];
      UNROLL for (int i = 0; i < 4; i++) l[i] = left[k * (SIDE + 1) + LANE / 16 + 16 * i], r[i] = right[k * (SIDE + 1) + LANE % 16 + 16 * i];
      UNROLL for (int i = 0; i < 4; i++)
        UNROLL for (int j = 0; j < 4; j++) sum[i][j] += l[i] * r[j];
    }
  }
  UNROLL for (int i = 0; i < 4; i++)
    UNROLL for (int j = 0; j < 4; j++) {
      const int r = row + LANE / 16 + 16 * i, q = col + LANE % 16 + 16 * j;
      if (r < c.rows && q < c.cols) gemm_put(a, c, r, q, sum[i][j]);
    }
}

// gemm_join adds the parts of a split depth.
typedef gemm_args gemm_join_args;

KERNEL(gemm_join, 128) {
  const view c = moved(a.c, BLOCK_Z * a.step_c);
  const int row = BLOCK_X;
  for (int col = BLOCK_Y * LANES + LANE; col < c.cols; col += BLOCKS_Y * LANES) {
    float sum = 0.0f;
    for (int i = 0; i < a.splits; i++) sum += get(a.parts, ((int64_t)BLOCK_Z * a.splits + i) * c.rows + row, col);
    put(c, row, col, a.alpha * sum + (a.beta != 0.0f ? a.beta * get(c, row, col) : 0.0f));
  }
}
