#include "table.h"

#include <stdio.h>

enum { ROC_NONE = 111, ROC_TRANSPOSE = 112, ROC_STANDARD = 0 };
enum { CUDA_COMPUTE_F32 = 68, CUDA_DEFAULT = -1, CUDA_NO_REDUCED_SUMS = 16 };
enum { ROC_F32 = 151 };
static const int element[2][3] = {{ROC_F32, 150, 168}, {0, 2, 14}}; // by vendor, GPU_F32 ... GPU_BF16

// Results must not depend on the schedule: no atomics, and on CUDA no sums in half precision.
gpu_status gpu_blas_open(gpu *g, void **handle, void *stream) {
  gpu_status s = CALL(g, blas_create, handle);
  if (s.code) return s;
  s = CALL(g, blas_stream, *handle, stream);
  if (!s.code && g->blas_atomics) s = CALL(g, blas_atomics, *handle, 0);
  if (!s.code && g->blas_math) s = CALL(g, blas_math, *handle, CUDA_NO_REDUCED_SUMS);
  if (s.code) g->blas_destroy(*handle);
  return s;
}

gpu_status gpu_blas_close(gpu *g, void *handle) { return CALL(g, blas_destroy, handle); }

gpu_status gpu_blas_version(gpu *g, char *version, int size) {
  version[0] = 0;
  if (g->vendor == GPU_HIP) return g->roc_version ? CALL(g, roc_version, version, size) : OK;
  int part[3] = {0};
  gpu_status s = OK;
  if (!g->cu_version) return s;
  for (int i = 0; i < 3 && !s.code; i++) s = CALL(g, cu_version, i, &part[i]);
  snprintf(version, size, "%d.%d.%d", part[0], part[1], part[2]);
  return s;
}

static gpu_status gemm_hip(gpu *g, void *handle, const gpu_product *p) {
  const int ta = p->transpose_a ? ROC_TRANSPOSE : ROC_NONE, tb = p->transpose_b ? ROC_TRANSPOSE : ROC_NONE;
  const int in = element[GPU_HIP][p->in], out = element[GPU_HIP][p->out];
  if (p->batches == 1)
    return CALL(g, roc_gemm, handle, ta, tb, p->m, p->n, p->k, &p->alpha, p->a, in, p->lda, p->b, in, p->ldb, &p->beta, p->c, out, p->ldc,
                p->c, out, p->ldc, ROC_F32, ROC_STANDARD, 0, 0);
  return CALL(g, roc_gemm_batched, handle, ta, tb, p->m, p->n, p->k, &p->alpha, p->a, in, p->lda, p->stride_a, p->b, in, p->ldb,
              p->stride_b, &p->beta, p->c, out, p->ldc, p->stride_c, p->c, out, p->ldc, p->stride_c, p->batches, ROC_F32, ROC_STANDARD, 0, 0);
}

static gpu_status gemm_cuda(gpu *g, void *handle, const gpu_product *p) {
  const int in = element[GPU_CUDA][p->in], out = element[GPU_CUDA][p->out];
  if (p->batches == 1)
    return CALL(g, cu_gemm, handle, p->transpose_a, p->transpose_b, p->m, p->n, p->k, &p->alpha, p->a, in, p->lda, p->b, in, p->ldb, &p->beta,
                p->c, out, p->ldc, CUDA_COMPUTE_F32, CUDA_DEFAULT);
  return CALL(g, cu_gemm_batched, handle, p->transpose_a, p->transpose_b, p->m, p->n, p->k, &p->alpha, p->a, in, p->lda, p->stride_a, p->b, in,
              p->ldb, p->stride_b, &p->beta, p->c, out, p->ldc, p->stride_c, p->batches, CUDA_COMPUTE_F32, CUDA_DEFAULT);
}

gpu_status gpu_gemm(gpu *g, void *handle, const gpu_product *p) {
  return g->vendor == GPU_HIP ? gemm_hip(g, handle, p) : gemm_cuda(g, handle, p);
}
