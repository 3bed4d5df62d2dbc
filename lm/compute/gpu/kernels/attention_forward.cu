// Causal grouped-query attention in one pass over the keys, with a running maximum and sum for each row, so that scores live in
// registers only (Dao et al. 2022, "FlashAttention"; Dao 2023, "FlashAttention-2").

// attend computes a block. KEYS keys are in local memory at a time.
template <int DIM, int KEYS>
struct attend {
  typedef tiles T;
  typedef panel<KEYS, DIM, true, false> key_panel;
  typedef panel<KEYS, DIM, false, true> value_panel;
  enum {
    TILES = DIM / TILE,
    SIZE = (int)key_panel::SIZE + (int)value_panel::SIZE,  // which is more than the patches need
    KEEP = TILES * ((int)T::LEFT + 8) <= 192
  };

  // score adds what sixteen columns contribute to the scores.
  struct score {
    const operand<DIM, KEEP> &q;
    const key_panel &keys;
    sums *scores;

    METHOD void operator()(int k) {
      const T::left rows = q.at(k);
      UNROLL for (int n = 0; n < KEYS / TILE; n++) T::multiply(scores[n], rows, keys.along(n * TILE, k * TILE));
    }
  };

  sums out[TILES];
  float top[T::SLOTS], total[T::SLOTS];
  int first[T::SLOTS], end[T::SLOTS];

  // weigh turns the scores of sixteen keys, from key j on, into exponentials, and scales what was summed before by what the
  // maximum has grown.
  METHOD void weigh(sums *scores, int j, float scale) {
    float most[T::SLOTS];
    UNROLL for (int s = 0; s < T::SLOTS; s++) most[s] = top[s];
    UNROLL for (int n = 0; n < KEYS / TILE; n++)
      UNROLL for (int e = 0; e < 8; e++) {
        const int key = j + n * TILE + T::col(e), s = T::slot(e);
        float &x = scores[n].x[e];
        x = key >= first[s] && key < end[s] ? x * scale : UNSEEN;
        most[s] = x > most[s] ? x : most[s];
      }
    float grown[T::SLOTS];
    UNROLL for (int s = 0; s < T::SLOTS; s++) {
      most[s] = T::row_max(most[s]);
      grown[s] = exp2_of(top[s] - most[s]);
      top[s] = most[s];
      total[s] *= grown[s];
    }
    UNROLL for (int n = 0; n < KEYS / TILE; n++)
      UNROLL for (int e = 0; e < 8; e++) {
        const int s = T::slot(e);
        float &x = scores[n].x[e];
        x = x < 0.5f * UNSEEN ? 0.0f : exp2_of(x - top[s]);  // NaN stays
        total[s] += x;
      }
    UNROLL for (int d = 0; d < TILES; d++)
      UNROLL for (int e = 0; e < 8; e++) out[d].x[e] *= grown[T::slot(e)];
  }

  METHOD void run(const attention_args &a, uint16_t *room) {
    const attention_block b = a.blocks[BLOCK_X];
    const span_rows s = {a.spans[b.span], a.shape, BLOCK_Y};
    const int dim = a.shape.dim, row = b.row + LANE / TEAM * TILE;
    const float scale = a.shape.scale * LOG2_E;
    const key_panel keys(room);
    const value_panel values(room + key_panel::SIZE);
    operand<DIM, KEEP> q;
    q.set(row_lines{a.q, s, 0}, row);
    UNROLL for (int d = 0; d < TILES; d++) out[d] = no_sums();
    UNROLL for (int i = 0; i < T::SLOTS; i++) {
      top[i] = UNSEEN, total[i] = 0.0f, first[i] = s.first(row + T::row(i)), end[i] = s.end(row + T::row(i));
      if (end[i] > b.to) end[i] = b.to;
    }

    for (int j = b.from; j < b.to; j += KEYS) {
      BARRIER();
      keys.fill(key_lines{a.k, s, j, b.to}, dim);
      values.fill(key_lines{a.v, s, j, b.to}, dim);
      BARRIER();
      sums scores[KEYS / TILE];
      UNROLL for (int n = 0; n < KEYS / TILE; n++) scores[n] = no_sums();
      score product = {q, keys, scores};
      each_tile<DIM, KEEP>(dim, product);
      weigh(scores, j, scale);
      UNROLL for (int n = 0; n < KEYS / TILE; n++) {
        const T::left p = T::to_left(scores[n]);
        UNROLL for (int d = 0; d < TILES; d++)
          if (d * TILE < dim) T::multiply(out[d], p, values.across(d * TILE, n * TILE));
      }
    }
    UNROLL for (int i = 0; i < T::SLOTS; i++) total[i] = T::row_sum(total[i]);
    finish(a, b, s, row, (float *)room);
  }

  // finish writes the block's results, or its part of them.
  METHOD void finish(const attention_args &a, const attention_block &b, const span_rows &s, int first_row, float *patches) const {
    const int64_t part = ((int64_t)b.slot * BLOCKS_Y + BLOCK_Y) * ATTENTION_ROWS - b.row;
    float factor[T::SLOTS];
    UNROLL for (int i = 0; i < T::SLOTS; i++) {
      const int row = first_row + T::row(i);
      factor[i] = b.slot >= 0 ? 1.0f : total[i] != 0.0f ? 1.0f / total[i] : 0.0f;
      if (row >= s.rows() || !T::leads()) continue;
      if (b.slot >= 0) put(a.parts, part + row, s.shape.dim, top[i]), put(a.parts, part + row, s.shape.dim + 1, total[i]);
      else if (a.log_sum.data) put(a.log_sum, s.query_of(row), s.head_of(row), LN_2 * (top[i] + log2f(total[i])));
    }
    if (b.slot < 0) write_sums<TILES>(out, factor, row_results{a.out, s, first_row}, patches);
    else write_sums<TILES>(out, factor, plain_results{a.parts, part + first_row, part + s.rows(), 0, s.shape.dim}, patches);
  }
};

#define ATTENTION(name, dim, keys)               \
  typedef attention_args name##_args;                     \
  KERNEL(name, ATTENTION_LANES) {                         \
    typedef attend<dim, keys> kind;              \
    SHARED(four, room, kind::SIZE / 8);    \
    kind work;                                            \
    work.run(a, (uint16_t *)room);                         \
  }

// The number is the largest dim of a head.
ATTENTION(attention_64, 64, 64)
ATTENTION(attention_128, 128, 32)
ATTENTION(attention_256, 256, 16)

// attention_join adds up what blocks of different keys gave for the same rows, in the keys' order ("Flash-Decoding for long-context
// inference", Dao et al. 2023).
struct attention_joined {
  int32_t span, row, slot, slots;
};

struct attention_join_args {
  view out, log_sum, parts;
  const attention_span *spans;
  const attention_joined *joined;
  attention_shape shape;
};

KERNEL(attention_join, 128) {
  const attention_joined j = a.joined[BLOCK_X];
  const span_rows s = {a.spans[j.span], a.shape, BLOCK_Y};
  const int row = j.row + BLOCK_Z, dim = a.shape.dim, step = BLOCKS_Y * ATTENTION_ROWS;
  if (row >= s.rows()) return;
  const int64_t part = ((int64_t)j.slot * BLOCKS_Y + BLOCK_Y) * ATTENTION_ROWS + BLOCK_Z;
  float top = UNSEEN, total = 0.0f;
  for (int i = 0; i < j.slots; i++) {
    const float x = get(a.parts, part + (int64_t)i * step, dim);
    top = x > top ? x : top;
  }
  for (int i = 0; i < j.slots; i++) {
    const int64_t at = part + (int64_t)i * step;
    total += get(a.parts, at, dim + 1) * exp2_of(get(a.parts, at, dim) - top);
  }
  const int query = s.query_of(row), head = s.head_of(row);
  for (int d = LANE; d < dim; d += LANES) {
    float sum = 0.0f;
    for (int i = 0; i < j.slots; i++) {
      const int64_t at = part + (int64_t)i * step;
      sum += get(a.parts, at, d) * exp2_of(get(a.parts, at, dim) - top);
    }
    put(a.out, query, head * dim + d, total > 0.0f ? sum / total : 0.0f);
  }
  if (a.log_sum.data && LANE == 0) put(a.log_sum, query, head, LN_2 * (top + log2f(total)));
}
