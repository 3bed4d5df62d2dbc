// Attention without rounding to bfloat16, for reference values, and for views that begin anywhere and heads of any dim up to 256. A wave
// takes one row after the other of its block; each lane scores one key, then sums some of the columns.

// exact_sums are a lane's columns of a row: LANE % WAVE and every WAVE'th after it.
struct exact_sums {
  enum { COUNT = 256 / WAVE };

  float x[COUNT];

  METHOD void clear() {
    UNROLL for (int i = 0; i < COUNT; i++) x[i] = 0.0f;
  }

  METHOD void scale(float factor) {
    UNROLL for (int i = 0; i < COUNT; i++) x[i] *= factor;
  }

  // add adds dim elements of a row, times factor.
  METHOD void add(const view &m, int row, int column, int dim, float factor) {
    UNROLL for (int i = 0; i < COUNT; i++) {
      const int d = LANE % WAVE + i * WAVE;
      if (d < dim) x[i] += factor * get(m, row, column + d);
    }
  }

  METHOD void write(const view &m, int64_t row, int column, int dim, float factor) const {
    UNROLL for (int i = 0; i < COUNT; i++) {
      const int d = LANE % WAVE + i * WAVE;
      if (d < dim) put(m, row, column + d, x[i] * factor);
    }
  }
};

DEVICE float exact_dot(const view &a, int row_a, int column_a, const view &b, int row_b, int column_b, int dim) {
  float sum = 0.0f;
  for (int d = 0; d < dim; d++) sum += get(a, row_a, column_a + d) * get(b, row_b, column_b + d);
  return sum;
}

typedef attention_args attention_exact_args;

KERNEL(attention_exact, ATTENTION_LANES) {
  const attention_block b = a.blocks[BLOCK_X];
  const span_rows s = {a.spans[b.span], a.shape, BLOCK_Y};
  const int dim = a.shape.dim, shared = BLOCK_Y * dim, lane = LANE % WAVE;
  for (int i = LANE / WAVE; i < ATTENTION_ROWS && b.row + i < s.rows(); i += LANES / WAVE) {
    const int row = b.row + i, query = s.query_of(row), head = s.head_of(row), first = s.first(row), end = s.end(row);
    const int to = end < b.to ? end : b.to;
    float top = UNSEEN, total = 0.0f;
    exact_sums out;
    out.clear();
    for (int from = first > b.from ? first : b.from; from < to; from += WAVE) {
      const bool seen = from + lane < to;
      float x = UNSEEN;
      if (seen) x = exact_dot(a.q, query, head * dim, a.k, s.key_of(from + lane), shared, dim) * a.shape.scale * LOG2_E;
      const float most = wave_max(x > top ? x : top), grown = exp2_of(top - most);
      x = seen ? exp2_of(x - most) : 0.0f;
      top = most;
      total = total * grown + wave_sum(x);
      out.scale(grown);
      for (int j = 0; j < WAVE && from + j < to; j++) out.add(a.v, s.key_of(from + j), shared, dim, WAVE_FROM(x, j));
    }
    if (b.slot < 0) {
      out.write(a.out, query, head * dim, dim, total > 0.0f ? 1.0f / total : 0.0f);
      if (a.log_sum.data && lane == 0) put(a.log_sum, query, head, LN_2 * (top + log2f(total)));
    } else {
      const int64_t part = ((int64_t)b.slot * BLOCKS_Y + BLOCK_Y) * ATTENTION_ROWS + i;
      out.write(a.parts, part, 0, dim, 1.0f);
      if (lane == 0) put(a.parts, part, dim, top), put(a.parts, part, dim + 1, total);
    }
  }
}

// exact_slope is what a query and a key have to do with each other: the probability, and its gradient.
struct exact_slope {
  float p, ds;
};

DEVICE exact_slope exact_slope_of(const attention_keys_args &a, const span_rows &s, int row, int key) {
  const int dim = a.shape.dim, query = s.query_of(row), head = s.head_of(row), shared = s.group * dim;
  const float x = exact_dot(a.q, query, head * dim, a.k, key, shared, dim) * a.shape.scale - get(a.log_sum, query, head);
  exact_slope e;
  e.p = exp2_of(x * LOG2_E);
  e.ds = e.p * (exact_dot(a.d_out, query, head * dim, a.v, key, shared, dim) - get(a.delta, query, head));
  return e;
}

typedef attention_queries_args attention_queries_exact_args;

KERNEL(attention_queries_exact, ATTENTION_LANES) {
  const attention_block b = a.blocks[BLOCK_X];
  const span_rows s = {a.spans[b.span], a.shape, BLOCK_Y};
  const int dim = a.shape.dim, shared = BLOCK_Y * dim, lane = LANE % WAVE;
  const attention_keys_args of = {{}, {}, a.d_out, a.log_sum, a.delta, a.q, a.k, a.v, a.spans, 0, 0, a.shape};
  for (int i = LANE / WAVE; i < ATTENTION_ROWS && b.row + i < s.rows(); i += LANES / WAVE) {
    const int row = b.row + i, end = s.end(row);
    exact_sums dq;
    dq.clear();
    for (int from = s.first(row); from < end; from += WAVE) {
      float ds = 0.0f;
      if (from + lane < end) ds = exact_slope_of(of, s, row, s.key_of(from + lane)).ds;
      for (int j = 0; j < WAVE && from + j < end; j++) dq.add(a.k, s.key_of(from + j), shared, dim, WAVE_FROM(ds, j));
    }
    dq.write(a.dq, s.query_of(row), s.head_of(row) * dim, dim, a.shape.scale);
  }
}

typedef attention_keys_args attention_keys_exact_args;

KERNEL(attention_keys_exact, ATTENTION_LANES) {
  const attention_keys_block b = a.blocks[BLOCK_X];
  const int dim = a.shape.dim, lane = LANE % WAVE;
  for (int i = LANE / WAVE; i < b.rows; i += LANES / WAVE) {
    exact_sums dk, dv;
    dk.clear(), dv.clear();
    for (int n = b.visit; n < b.visit + b.visits; n++) {
      const span_rows s = {a.spans[a.visits[n].span], a.shape, BLOCK_Y};
      const int key = a.visits[n].key + i, past = s.keys() - s.s.queries, first = key > past ? key - past : 0;
      const int last = a.shape.window > 0 && key - past + a.shape.window < s.s.queries ? key - past + a.shape.window : s.s.queries;
      const int to = last * a.shape.group;
      for (int from = first * a.shape.group; from < to; from += WAVE) {
        exact_slope e = {0.0f, 0.0f};
        if (from + lane < to) e = exact_slope_of(a, s, from + lane, b.row + i);
        for (int j = 0; j < WAVE && from + j < to; j++) {
          const int query = s.query_of(from + j), column = s.head_of(from + j) * dim;
          dv.add(a.d_out, query, column, dim, WAVE_FROM(e.p, j));
          dk.add(a.q, query, column, dim, WAVE_FROM(e.ds, j));
        }
      }
    }
    dk.write(a.dk, b.row + i, BLOCK_Y * dim, dim, a.shape.scale);
    dv.write(a.dv, b.row + i, BLOCK_Y * dim, dim, 1.0f);
  }
}
