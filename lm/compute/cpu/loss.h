// Softmax cross-entropy on rows of logits.
#pragma once

#include "elementwise.h"

// softmax_loss writes -log softmax(row)[label] of each row to losses and, with backward, replaces the row
// by the loss's gradient softmax(row) - onehot(label). Sums run in float64 every SUM_BLOCK terms.
static void softmax_loss(native *e, mat logits, const int32_t *labels, double *losses, int backward) {
  enum { SUM_BLOCK = 1024 };
  each_row(e, logits, [&](int i) {
    float *s = row(logits, i);
    const int n = logits.cols;
    const float label_logit = s[labels[i]];
    vf top = splat(-INFINITY);
    for (int j = 0; j < n; j += LANES) {
      vf a = load(s + j, n - j);
      top = max(top, n - j >= LANES ? a : first(n - j) ? a : splat(-INFINITY));
    }
    const float m = largest(top);
    double total = 0;
    for (int b = 0; b < n; b += SUM_BLOCK) {
      const int end = b + SUM_BLOCK < n ? b + SUM_BLOCK : n;
      vf part = {};
      for (int j = b; j < end; j += LANES) {
        vf p = exponential(load(s + j, end - j) - m);
        if (end - j < LANES) p = first(end - j) ? p : vf{};
        part += p;
        if (backward) store(s + j, p, end - j);
      }
      total += sum(part);
    }
    losses[i] = log(total) + (double)m - (double)label_logit;
    if (!backward) return;
    const float inverse = (float)(1.0 / total);
    for (int j = 0; j < n; j += LANES) store(s + j, load(s + j, n - j) * inverse, n - j);
    s[labels[i]] -= 1.0f;
  });
}
