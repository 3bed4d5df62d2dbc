// Products of matrices for the vendors' libraries: column-major, sums in float32.
#pragma once

#include <cstdint>

#include "runtime.h"

namespace standin {

enum class element { float32, float16, bfloat16, unknown };

struct matrix {
  const void *data;
  element type;
  int64_t leading, batch_stride;
};

// gemm is d = alpha·op(a)·op(b) + beta·c with d [m, n], op(a) [m, k] and op(b) [k, n], batch times. c is not read if beta
// is 0. d may be c.
struct gemm {
  bool transpose_a, transpose_b;
  int64_t m, n, k, batch;
  float alpha, beta;
  matrix a, b, c, d;
};

// submit_gemm checks that the matrices lie in the card's memory when the product's turn has come.
outcome submit_gemm(stream *s, const gemm &g);

// read_scalar returns alpha or beta, which have the type of the sums.
float read_scalar(const void *p, element type);

}  // namespace standin
