// Kernels on queries, keys and values before attention: RMSNorm of each head, and biases. Their formulas
// are in compute/ops.go.
#pragma once

#include "elementwise.h"

static void norm_heads(native *e, mat dst, mat x, const float *gain, int dim, float epsilon) {
  each_row(e, x, [&](int i) {
    for (int h = 0; h < x.cols; h += dim) {
      const float *s = row(x, i) + h;
      float *d = row(dst, i) + h;
      const float r = inverse_root(s, dim, epsilon);
      for (int j = 0; j < dim; j += LANES)
        store(d + j, load(s + j, dim - j) * r * load(gain + j, dim - j), dim - j);
    }
  });
}

// With h = dy·gain and r the inverse root: dx = r·h - x·r³·mean(h·x). A vector of dy is read before the one
// of dx is written, so they may be the same.
static void norm_heads_backward(native *e, mat dx, mat dy, mat x, const float *gain, int dim, float epsilon) {
  each_row(e, x, [&](int i) {
    for (int h = 0; h < x.cols; h += dim) {
      const float *s = row(x, i) + h, *g = row(dy, i) + h;
      float *d = row(dx, i) + h;
      const float r = inverse_root(s, dim, epsilon);
      vf dot = {};
      for (int j = 0; j < dim; j += LANES)
        dot += load(g + j, dim - j) * load(gain + j, dim - j) * load(s + j, dim - j);
      const float c = r * r * r * sum(dot) / (float)dim;
      for (int j = 0; j < dim; j += LANES)
        store(d + j, load(g + j, dim - j) * load(gain + j, dim - j) * r - load(s + j, dim - j) * c, dim - j);
    }
  });
}

static void add_bias(native *e, mat x, const float *bias) {
  each_row(e, x, [&](int i) {
    float *d = row(x, i);
    for (int j = 0; j < x.cols; j += LANES)
      store(d + j, load(d + j, x.cols - j) + load(bias + j, x.cols - j), x.cols - j);
  });
}
