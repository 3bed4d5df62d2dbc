// libcublas.
#include "entry.h"
#include "gemm.h"

using namespace standin;

namespace standin {

struct cublas {
  stream *s = nullptr;
  int atomics = 0, math = 0, pointers = 0;
};

}  // namespace standin

namespace {

enum { ok, not_initialized, alloc_failed = 3, invalid_value = 7, arch_mismatch = 8, execution_failed = 13, not_supported = 15 };

constexpr int none = 0, conjugate = 2;
constexpr int f32 = 0, f16 = 2, bf16 = 14;
constexpr int sums_16f = 64, sums_32f = 68, sums_32f_pedantic = 69, sums_fast_16f = 74, sums_fast_16bf = 75, sums_fast_tf32 = 77;

element element_of(int type) {
  switch (type) {
    case f16: return element::float16;
    case f32: return element::float32;
    case bf16: return element::bfloat16;
    default: return element::unknown;
  }
}

int status(outcome o) { return o == outcome::ok ? ok : o == outcome::bad_handle ? invalid_value : execution_failed; }

struct asked {
  int ta, tb;
  int64_t m, n, k, batch;
  const void *alpha, *beta;
  const void *a, *b;
  void *c;
  int at, bt, ct;
  int64_t lda, ldb, ldc;
  int64_t sa, sb, sc;
  int sums;
};

bool has_types(const asked &q) {
  if (q.at != q.bt || element_of(q.at) == element::unknown) return false;
  if (q.sums == sums_16f) return q.at == f16 && q.ct == f16;
  if (q.sums == sums_fast_16f || q.sums == sums_fast_16bf || q.sums == sums_fast_tf32) return q.at == f32 && q.ct == f32;
  if (q.sums != sums_32f && q.sums != sums_32f_pedantic) return false;
  return q.ct == q.at || (q.ct == f32 && current().mixed);
}

int multiply(cublas *h, const asked &q) {
  if (!h) return not_initialized;
  if (q.ta < none || q.ta > conjugate || q.tb < none || q.tb > conjugate) return invalid_value;
  if (q.m < 0 || q.n < 0 || q.k < 0 || q.batch < 0) return invalid_value;
  const auto least = [](int64_t rows) { return rows > 1 ? rows : 1; };
  if (q.lda < least(q.ta == none ? q.m : q.k) || q.ldb < least(q.tb == none ? q.k : q.n) || q.ldc < least(q.m)) return invalid_value;
  if (!has_types(q)) return not_supported;
  if (q.m == 0 || q.n == 0 || q.batch == 0) return ok;
  if (!q.alpha || !q.beta || !q.c) return invalid_value;
  const element scalar = q.sums == sums_16f ? element::float16 : element::float32;
  gemm g = {q.ta != none, q.tb != none, q.m, q.n, q.k, q.batch, read_scalar(q.alpha, scalar), read_scalar(q.beta, scalar), {}, {}, {}, {}};
  g.a = {q.a, element_of(q.at), q.lda, q.sa};
  g.b = {q.b, element_of(q.bt), q.ldb, q.sb};
  g.c = g.d = {q.c, element_of(q.ct), q.ldc, q.sc};
  return status(submit_gemm(h->s, g));
}

}  // namespace

extern "C" {

int cublasCreate_v2(cublas **h) {
  ENTER(" ");
  if (!h) return invalid_value;
  if (!has_context || !has_context()) return not_initialized;
  *h = new cublas;
  return ok;
}

int cublasDestroy_v2(cublas *h) {
  ENTER("%p", static_cast<void *>(h));
  if (!h) return not_initialized;
  delete h;
  return ok;
}

int cublasGetVersion_v2(cublas *h, int *version) {
  ENTER("%p", static_cast<void *>(h));
  if (!version) return invalid_value;
  *version = 120900;
  return ok;
}

int cublasGetProperty(int which, int *value) {
  ENTER("%d", which);
  if (!value || which < 0 || which > 2) return invalid_value;
  constexpr int version[] = {12, 9, 0};
  *value = version[which];
  return ok;
}

int cublasSetStream_v2(cublas *h, stream *s) {
  ENTER("%p %p", static_cast<void *>(h), static_cast<void *>(s));
  if (!h) return not_initialized;
  if (!runtime::the().has(s)) return invalid_value;
  h->s = s;
  return ok;
}

int cublasSetAtomicsMode(cublas *h, int mode) {
  ENTER("%p %d", static_cast<void *>(h), mode);
  if (!h) return not_initialized;
  if (mode < 0 || mode > 1) return invalid_value;
  h->atomics = mode;
  return ok;
}

int cublasSetMathMode(cublas *h, int mode) {
  ENTER("%p %d", static_cast<void *>(h), mode);
  if (!h) return not_initialized;
  h->math = mode;
  return ok;
}

int cublasSetPointerMode_v2(cublas *h, int mode) {
  ENTER("%p %d", static_cast<void *>(h), mode);
  if (!h) return not_initialized;
  if (mode < 0 || mode > 1) return invalid_value;
  h->pointers = mode;
  return ok;
}

int cublasSetWorkspace_v2(cublas *h, void *workspace, size_t bytes) {
  ENTER("%p %p %zu", static_cast<void *>(h), workspace, bytes);
  if (!h) return not_initialized;
  // The vendor wants an address that is a multiple of 256.
  return reinterpret_cast<uintptr_t>(workspace) % 256 == 0 ? ok : invalid_value;
}

const char *cublasGetStatusName(int status) {
  switch (status) {
    case ok: return "CUBLAS_STATUS_SUCCESS";
    case not_initialized: return "CUBLAS_STATUS_NOT_INITIALIZED";
    case alloc_failed: return "CUBLAS_STATUS_ALLOC_FAILED";
    case invalid_value: return "CUBLAS_STATUS_INVALID_VALUE";
    case arch_mismatch: return "CUBLAS_STATUS_ARCH_MISMATCH";
    case execution_failed: return "CUBLAS_STATUS_EXECUTION_FAILED";
    case not_supported: return "CUBLAS_STATUS_NOT_SUPPORTED";
    default: return "CUBLAS_STATUS_INTERNAL_ERROR";
  }
}

const char *cublasGetStatusString(int status) { return cublasGetStatusName(status); }

int cublasSgemm_v2(cublas *h, int ta, int tb, int m, int n, int k, const float *alpha, const float *a, int lda, const float *b, int ldb,
                   const float *beta, float *c, int ldc) {
  ENTER("%d %d %d %d %d", ta, tb, m, n, k);
  return multiply(h, {ta, tb, m, n, k, 1, alpha, beta, a, b, c, f32, f32, f32, lda, ldb, ldc, 0, 0, 0, sums_32f});
}

int cublasGemmEx(cublas *h, int ta, int tb, int m, int n, int k, const void *alpha, const void *a, int at, int lda, const void *b, int bt, int ldb,
                 const void *beta, void *c, int ct, int ldc, int sums, int algorithm) {
  ENTER("%d %d %d %d %d a=%p:%d:%d b=%p:%d:%d c=%p:%d:%d sums=%d %d", ta, tb, m, n, k, a, at, lda, b, bt, ldb, c, ct, ldc, sums, algorithm);
  return multiply(h, {ta, tb, m, n, k, 1, alpha, beta, a, b, c, at, bt, ct, lda, ldb, ldc, 0, 0, 0, sums});
}

int cublasGemmStridedBatchedEx(cublas *h, int ta, int tb, int m, int n, int k, const void *alpha, const void *a, int at, int lda, long long sa,
                               const void *b, int bt, int ldb, long long sb, const void *beta, void *c, int ct, int ldc, long long sc, int batch,
                               int sums, int algorithm) {
  ENTER("%d %d %d %d %d batch=%d a=%p:%d:%d b=%p:%d:%d c=%p:%d:%d sums=%d %d", ta, tb, m, n, k, batch, a, at, lda, b, bt, ldb, c, ct, ldc, sums,
        algorithm);
  return multiply(h, {ta, tb, m, n, k, batch, alpha, beta, a, b, c, at, bt, ct, lda, ldb, ldc, sa, sb, sc, sums});
}

}  // extern "C"
