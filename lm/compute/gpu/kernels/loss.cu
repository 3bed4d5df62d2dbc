// Softmax cross-entropy on rows of logits.

struct loss_args {
  view logits;
  const int32_t *labels;
  double *losses;
  int32_t backward, unused;
};

// A block writes -log softmax(row)[label] of its row and, with backward, replaces the row by the loss's gradient
// softmax(row) - onehot(label).
KERNEL(loss, SOFTMAX_LANES) {
  SHARED(partial, room, SOFTMAX_LANES);
  const partial p = row_partial(a.logits, BLOCK_X, room);
  const int label = a.labels[BLOCK_X];
  if (LANE == 0) a.losses[BLOCK_X] = log(p.sum) + (double)p.top - (double)get(a.logits, BLOCK_X, label);
  if (!a.backward) return;
  BARRIER();  // the label's logit has been read
  const float inverse = (float)(1.0 / p.sum);
  for (int j = LANE * 8; j < a.logits.cols; j += LANES * 8) {
    eight e = get8(a.logits, BLOCK_X, j);
#pragma unroll
    for (int i = 0; i < 8; i++) e.v[i] = expf(e.v[i] - p.top) * inverse - (j + i == label ? 1.0f : 0.0f);
    put8(a.logits, BLOCK_X, j, e);
  }
}
