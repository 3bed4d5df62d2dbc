// The most probable of a row's logits, and the logarithm of the sum that makes probabilities of them.

// partial is a sum of exp(logit - top) over some logits, of which top is the greatest; top is -infinity where there are none.
struct partial {
  float top;
  uint32_t unused;
  double sum;
  MEMBER void join(const partial &other) {
    if (other.top == -INFINITE) return;
    if (top == -INFINITE) {
      *this = other;
      return;
    }
    const float most = other.top > top ? other.top : top;
    sum = sum * (double)expf(top - most) + other.sum * (double)expf(other.top - most);
    top = most;
  }
  // add8 adds the first n of eight logits.
  MEMBER void add8(const eight &e, int n) {
    partial p;
    p.top = -INFINITE;
#pragma unroll
    for (int i = 0; i < 8; i++)
      if (i < n && e.v[i] > p.top) p.top = e.v[i];
    float s = 0.0f;
#pragma unroll
    for (int i = 0; i < 8; i++)
      if (i < n) s += expf(e.v[i] - p.top);
    p.sum = (double)s;
    join(p);
  }
};

enum { SOFTMAX_LANES = 512 };

// row_partial returns that of a row of m in each lane.
DEVICE partial row_partial(const view &m, int row, partial *room) {
  partial p;
  p.top = -INFINITE;
  p.sum = 0.0;
  for (int j = LANE * 8; j < m.cols; j += LANES * 8) p.add8(get8(m, row, j), m.cols - j);
  return block_fold(p, room);
}

// candidate is a column with its logit and the id of its token; bad says that a logit is not a number or infinite.
struct candidate {
  float logit;
  int32_t id, column, bad;
  MEMBER void join(const candidate &other) {
    bad |= other.bad;
    if (other.column < 0 || (column >= 0 && (other.logit < logit || (other.logit == logit && other.id > id)))) return;
    logit = other.logit;
    id = other.id;
    column = other.column;
  }
};

// choice is what is known of a row: column is that of the greatest logit, of equal ones that with the lowest id; it is -1 where
// there is none that is finite, or where one is not a number or infinite.
struct choice {
  int32_t column;
  float logit;
  double log_sum;
};

struct choose_args {
  view logits;
  const int32_t *ids;
  choice *choices;
};

KERNEL(choose, SOFTMAX_LANES) {
  SHARED(partial, partials, SOFTMAX_LANES);
  SHARED(candidate, candidates, SOFTMAX_LANES);
  candidate best;
  best.column = best.id = -1;
  best.logit = 0.0f;
  best.bad = 0;
  for (int j = LANE; j < a.logits.cols; j += LANES) {
    candidate c;
    c.logit = get(a.logits, BLOCK_X, j);
    c.column = c.logit == -INFINITE ? -1 : j;
    c.id = a.ids ? a.ids[j] : j;
    c.bad = !(c.logit < INFINITE);
    best.join(c);
  }
  best = block_fold(best, candidates);
  const partial p = row_partial(a.logits, BLOCK_X, partials);
  if (LANE > 0) return;
  choice c;
  c.column = best.bad ? -1 : best.column;
  c.logit = best.logit;
  c.log_sum = (double)p.top + log(p.sum);
  a.choices[BLOCK_X] = c;
}

struct log_softmax_args {
  view dst, logits;
  const choice *choices;
};

// dst = logits - log_sum of their rows.
KERNEL(log_softmax, 256) {
  const spot s = spot_of(a.dst.rows, a.dst.cols);
  if (!s.inside) return;
  const double log_sum = a.choices[s.row].log_sum;
  eight e = get8(a.logits, s.row, s.col);
#pragma unroll
  for (int i = 0; i < 8; i++) e.v[i] = (float)((double)e.v[i] - log_sum);
  put8(a.dst, s.row, s.col, e);
}
