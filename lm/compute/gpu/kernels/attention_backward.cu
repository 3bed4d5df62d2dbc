// The gradients of attention (Dao et al. 2022, "FlashAttention", appendix B). With P the probabilities, computed again from the log
// sums:
//
//   dV = P'·dO,  dS = P∘(dO·V' - delta),  delta = rowsum(dO∘O),  dQ = scale·dS·K,  dK = scale·dS'·Q.
//
// One kernel is parted over the queries for dQ, another over the keys for dK and dV. Each row is written by one team, which adds
// in a fixed order.

struct attention_delta_args {
  view delta, d_out, out;  // delta is [queries, heads]
  int32_t heads, dim;
};

KERNEL(attention_delta, 128) {
  const int row = BLOCK_X, teams = LANES / TEAM;
  for (int from = BLOCK_Y * teams; from < a.heads; from += BLOCKS_Y * teams) {
    const int head = from + LANE / TEAM;
    float sum = 0.0f;
    if (head < a.heads)
      for (int d = LANE % TEAM; d < a.dim; d += TEAM) sum += get(a.d_out, row, head * a.dim + d) * get(a.out, row, head * a.dim + d);
    for (int o = TEAM / 2; o > 0; o /= 2) sum += WAVE_XOR(sum, o);
    if (head < a.heads && LANE % TEAM == 0) put(a.delta, row, head, sum);
  }
}

// two_products adds what sixteen columns contribute to two products, with the rows from n on of two panels.
template <class A, class B, class P, class Q>
struct two_products {
  const A &a;
  const B &b;
  const P &p;
  const Q &q;
  int n;
  sums &x, &y;

  METHOD void operator()(int k) {
    tiles::multiply(x, a.at(k), p.along(n, k * TILE));
    tiles::multiply(y, b.at(k), q.along(n, k * TILE));
  }
};

// query_gradient computes a block of dQ.
template <int DIM, int KEYS>
struct query_gradient {
  typedef tiles T;
  typedef panel<KEYS, DIM, true, true> key_panel;
  typedef panel<KEYS, DIM, true, false> value_panel;
  enum {
    TILES = DIM / TILE,
    SIZE = (int)key_panel::SIZE + (int)value_panel::SIZE,
    KEEP = TILES * (2 * (int)T::LEFT + 8) <= 192
  };

  METHOD void run(const attention_queries_args &a, uint16_t *room) {
    const attention_block b = a.blocks[BLOCK_X];
    const span_rows s = {a.spans[b.span], a.shape, BLOCK_Y};
    const int dim = a.shape.dim, first_row = b.row + LANE / TEAM * TILE;
    const float scale = a.shape.scale * LOG2_E;
    const key_panel keys(room);
    const value_panel values(room + key_panel::SIZE);
    operand<DIM, KEEP> q, d_out;
    q.set(row_lines{a.q, s, 0}, first_row);
    d_out.set(row_lines{a.d_out, s, 0}, first_row);

    float log_sum[T::SLOTS], delta[T::SLOTS];
    int first[T::SLOTS], end[T::SLOTS];
    UNROLL for (int i = 0; i < T::SLOTS; i++) {
      const int row = first_row + T::row(i), at = row < s.rows() ? row : 0;
      first[i] = s.first(row), end[i] = s.end(row);
      log_sum[i] = LOG2_E * get(a.log_sum, s.query_of(at), s.head_of(at));
      delta[i] = get(a.delta, s.query_of(at), s.head_of(at));
    }

    sums dq[TILES];
    UNROLL for (int d = 0; d < TILES; d++) dq[d] = no_sums();
    for (int j = b.from; j < b.to; j += KEYS) {
      BARRIER();
      keys.fill(key_lines{a.k, s, j, b.to}, dim);
      values.fill(key_lines{a.v, s, j, b.to}, dim);
      BARRIER();
      UNROLL for (int n = 0; n < KEYS; n += TILE) {
        sums p = no_sums(), ds = no_sums();
        two_products<operand<DIM, KEEP>, operand<DIM, KEEP>, key_panel, value_panel> products = {q, d_out, keys, values, n, p, ds};
        each_tile<DIM, KEEP>(dim, products);
        UNROLL for (int e = 0; e < 8; e++) {
          const int key = j + n + T::col(e), i = T::slot(e);
          const bool seen = key >= first[i] && key < end[i];
          ds.x[e] = seen ? exp2_of(p.x[e] * scale - log_sum[i]) * (ds.x[e] - delta[i]) : 0.0f;
        }
        const T::left rows = T::to_left(ds);
        UNROLL for (int d = 0; d < TILES; d++)
          if (d * TILE < dim) T::multiply(dq[d], rows, keys.across(d * TILE, n));
      }
    }
    float factor[T::SLOTS];
    UNROLL for (int i = 0; i < T::SLOTS; i++) factor[i] = a.shape.scale;
    write_sums<TILES>(dq, factor, row_results{a.dq, s, first_row}, (float *)room);
  }
};

// plain_lines are the rows [from, to) of one group.
struct plain_lines {
  view m;
  int column, dim, from, to;

  METHOD line operator()(int i) const {
    const int row = from + i;
    return line_of(m, row < to ? row : from, column, dim, row < to);
  }
};

// key_gradient computes a block of dK and dV, or of as many of their columns as there is room for sums. QUERIES rows of queries are
// in local memory at a time.
template <int DIM, int QUERIES>
struct key_gradient {
  typedef tiles T;
  typedef panel<QUERIES, DIM, true, true> row_panel;
  enum {
    TILES = DIM / TILE,
    SOME = TILES < 8 ? TILES : 8,  // tiles of columns for one block; BLOCK_Z says which
    SIZE = 2 * (int)row_panel::SIZE,
    KEEP_KEYS = TILES * (int)T::LEFT + 16 * SOME < 192,
    KEEP_VALUES = 2 * TILES * (int)T::LEFT + 16 * SOME < 192
  };

  // shared is what the lanes must know of each row of the panels.
  struct shared {
    float log_sum[QUERIES], delta[QUERIES];
    int first[QUERIES], end[QUERIES];
  };

  sums dk[SOME], dv[SOME];
  operand<DIM, KEEP_KEYS> k;
  operand<DIM, KEEP_VALUES> v;

  // describe sets what the lanes must know of the rows from a row on.
  METHOD void describe(const attention_keys_args &a, const span_rows &s, int from, shared *rows) const {
    for (int i = LANE; i < QUERIES; i += LANES) {
      const int row = from + i, at = row < s.rows() ? row : 0;
      rows->log_sum[i] = LOG2_E * get(a.log_sum, s.query_of(at), s.head_of(at));
      rows->delta[i] = get(a.delta, s.query_of(at), s.head_of(at));
      rows->first[i] = s.first(row), rows->end[i] = s.end(row);
    }
  }

  // add adds what sixteen rows of the panels, from n on, contribute. The lane's keys in slot i are key[i] of the span.
  METHOD void add(const attention_keys_args &a, const row_panel &q, const row_panel &d_out, const shared *rows, int n, const int *key) {
    const int dim = a.shape.dim;
    const float scale = a.shape.scale * LOG2_E;
    sums p = no_sums(), ds = no_sums();
    two_products<operand<DIM, KEEP_KEYS>, operand<DIM, KEEP_VALUES>, row_panel, row_panel> products = {k, v, q, d_out, n, p, ds};
    each_tile<DIM, KEEP_KEYS>(dim, products);
    UNROLL for (int e = 0; e < 8; e++) {
      const int i = n + T::col(e), j = key[T::slot(e)];
      const bool seen = j >= rows->first[i] && j < rows->end[i];
      p.x[e] = seen ? exp2_of(p.x[e] * scale - rows->log_sum[i]) : 0.0f;
      ds.x[e] = seen ? p.x[e] * (ds.x[e] - rows->delta[i]) : 0.0f;
    }
    const T::left weights = T::to_left(p), slopes = T::to_left(ds);
    UNROLL for (int c = 0; c < SOME; c++) {
      const int col = (BLOCK_Z * SOME + c) * TILE;
      if (col >= dim) continue;
      T::multiply(dv[c], weights, d_out.across(col, n));
      T::multiply(dk[c], slopes, q.across(col, n));
    }
  }

  METHOD void run(const attention_keys_args &a, uint16_t *room, shared *rows) {
    const attention_keys_block b = a.blocks[BLOCK_X];
    const int dim = a.shape.dim, own = LANE / TEAM * TILE;
    const row_panel q(room), d_out(room + row_panel::SIZE);
    k.set(plain_lines{a.k, BLOCK_Y * dim, dim, b.row, b.row + b.rows}, own);
    v.set(plain_lines{a.v, BLOCK_Y * dim, dim, b.row, b.row + b.rows}, own);
    UNROLL for (int c = 0; c < SOME; c++) dk[c] = no_sums(), dv[c] = no_sums();

    for (int i = b.visit; i < b.visit + b.visits; i++) {
      const attention_visit visit = a.visits[i];
      const span_rows s = {a.spans[visit.span], a.shape, BLOCK_Y};
      int key[T::SLOTS];
      UNROLL for (int t = 0; t < T::SLOTS; t++) key[t] = own + T::row(t) < b.rows ? visit.key + own + T::row(t) : -1;

      // The queries from the first that sees the first key to the last that sees the last key.
      const int past = s.keys() - s.s.queries, last = visit.key + b.rows - 1 - past, from = visit.key > past ? visit.key - past : 0;
      const int to = a.shape.window > 0 && last + a.shape.window < s.s.queries ? last + a.shape.window : s.s.queries;
      for (int row = from * a.shape.group; row < to * a.shape.group; row += QUERIES) {
        BARRIER();
        q.fill(row_lines{a.q, s, row}, dim);
        d_out.fill(row_lines{a.d_out, s, row}, dim);
        describe(a, s, row, rows);
        BARRIER();
        UNROLL for (int n = 0; n < QUERIES; n += TILE) add(a, q, d_out, rows, n, key);
      }
    }
    float scale[T::SLOTS], one[T::SLOTS];
    UNROLL for (int t = 0; t < T::SLOTS; t++) scale[t] = a.shape.scale, one[t] = 1.0f;
    const int skipped = BLOCK_Z * SOME * TILE, column = BLOCK_Y * dim + skipped;
    write_sums<SOME>(dk, scale, plain_results{a.dk, b.row + own, b.row + b.rows, column, dim - skipped}, (float *)room);
    write_sums<SOME>(dv, one, plain_results{a.dv, b.row + own, b.row + b.rows, column, dim - skipped}, (float *)room);
  }
};

#define ATTENTION_BACKWARD(suffix, dim, keys, queries)           \
  typedef attention_queries_args attention_queries_##suffix##_args;       \
  KERNEL(attention_queries_##suffix, ATTENTION_LANES) {                   \
    typedef query_gradient<dim, keys> kind;                      \
    SHARED(four, room, kind::SIZE / 8);                \
    kind work;                                                            \
    work.run(a, (uint16_t *)room);                                         \
  }                                                                       \
  typedef attention_keys_args attention_keys_##suffix##_args;             \
  KERNEL(attention_keys_##suffix, ATTENTION_LANES) {                      \
    typedef key_gradient<dim, queries> kind;                     \
    SHARED(four, room, kind::SIZE / 8);                \
    SHARED(kind::shared, rows, 1);                                        \
    kind work;                                                            \
    work.run(a, (uint16_t *)room, rows);                                   \
  }

ATTENTION_BACKWARD(64, 64, 32, 32)
ATTENTION_BACKWARD(128, 128, 32, 16)
ATTENTION_BACKWARD(256, 256, 16, 16)
