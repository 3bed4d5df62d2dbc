// What kernels of attention see of spans. Rows are the pairs (query, head of the group) of one span and one key-value head,
// heads first, so that a block of rows shares its keys and few queries still fill tiles.

// attention_span is compute.Span.
struct attention_span {
  int32_t query, queries, key, keys, prefix, prefixed;
};

// attention_block is the work of one block of lanes: ATTENTION_ROWS rows of a span, from row on, and the keys [from, to) that they
// see. slot, if not negative, is where its part of a result goes that several blocks share.
struct attention_block {
  int32_t span, row, from, to, slot;
};

enum { ATTENTION_ROWS = 64, ATTENTION_LANES = ATTENTION_ROWS / TILE * TEAM };

// attention_shape is compute.Heads; scale is 1/sqrt(dim).
struct attention_shape {
  int32_t group, dim, window;
  float scale;
};

struct attention_args {
  view out, log_sum, q, k, v;  // log_sum is for [queries, heads], or has no data
  view parts;                  // [slots * groups * ATTENTION_ROWS, dim + 2]: sums of values, largest score (to base 2), sum of exponentials
  const attention_span *spans;
  const attention_block *blocks;
  attention_shape shape;
};

struct attention_queries_args {
  view dq, d_out, log_sum, delta, q, k, v;
  const attention_span *spans;
  const attention_block *blocks;
  attention_shape shape;
};

// attention_keys_block is up to ATTENTION_ROWS rows of dK and dV, from row on, that all visits see whole: the spans, in order, to
// whose keys these rows belong.
struct attention_keys_block {
  int32_t row, rows, visit, visits;
};

// attention_visit says which key of a span a block's first row is.
struct attention_visit {
  int32_t span, key;
};

struct attention_keys_args {
  view dk, dv, d_out, log_sum, delta, q, k, v;
  const attention_span *spans;
  const attention_keys_block *blocks;
  const attention_visit *visits;
  attention_shape shape;
};

#define LOG2_E 1.44269504f
#define LN_2 0.69314718f
// UNSEEN is the score of a key that is not seen, and, as infinities are not to be relied on, less than any score.
#define UNSEEN -1e30f

// exp2_of is the card's own instruction where the compiler has a name for it.
DEVICE float exp2_of(float x) {
#if defined(GPU_HIP)
#if __has_builtin(__builtin_amdgcn_exp2f)
  return __builtin_amdgcn_exp2f(x);
#else
  return exp2f(x);
#endif
#elif defined(GPU_CUDA)
  float y;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
#else
  return exp2f(x);
#endif
}

// span_rows is one head group of one span: which keys its rows see, and where rows and keys lie.
struct span_rows {
  attention_span s;
  attention_shape shape;
  int group;  // number of the key-value head

  METHOD int rows() const { return s.queries * shape.group; }
  METHOD int keys() const { return s.prefixed + s.keys; }

  // A row sees the keys [first, end). Rows beyond the last see none.
  METHOD int end(int row) const { return row < rows() ? keys() - s.queries + row / shape.group + 1 : 0; }
  METHOD int first(int row) const {
    const int e = end(row);
    return shape.window > 0 && e > shape.window ? e - shape.window : 0;
  }

  METHOD int query_of(int row) const { return s.query + row / shape.group; }
  METHOD int head_of(int row) const { return group * shape.group + row % shape.group; }
  METHOD int key_of(int j) const { return j < s.prefixed ? s.prefix + j : s.key + j - s.prefixed; }
};

// row_lines are the rows of queries, or of what has their shape, from a row on.
struct row_lines {
  view m;
  span_rows s;
  int from;

  METHOD line operator()(int i) const {
    const int row = from + i, at = row < s.rows() ? row : 0;
    return line_of(m, s.query_of(at), s.head_of(at) * s.shape.dim, s.shape.dim, row < s.rows());
  }
};

// key_lines are the span's keys or values, from a key on, up to a key.
struct key_lines {
  view m;
  span_rows s;
  int from, to;

  METHOD line operator()(int i) const {
    const int j = from + i, at = j < to ? j : from;
    return line_of(m, s.key_of(at), s.group * s.shape.dim, s.shape.dim, j < to);
  }
};

// row_results takes what belongs to rows from a row on, in the shape of queries.
struct row_results {
  view m;
  span_rows s;
  int from;

  METHOD void operator()(int i, int col, const float *x) const {
    const int row = from + i, dim = s.shape.dim;
    if (row < s.rows()) put8(m, s.query_of(row) * m.stride + s.head_of(row) * dim + col, dim - col, x);
  }
};

// plain_results takes what belongs to the rows [from, to), cols columns of them from a column on.
struct plain_results {
  view m;
  int64_t from, to;
  int column, cols;

  METHOD void operator()(int i, int col, const float *x) const {
    if (from + i < to) put8(m, (from + i) * m.stride + column + col, cols - col, x);
  }
};
