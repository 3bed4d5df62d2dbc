// librocblas.
#include <dlfcn.h>
#include <unistd.h>

#include <cstdlib>

#include "entry.h"
#include "gemm.h"

using namespace standin;

namespace standin {

struct rocblas {
  stream *s = nullptr;
  bool pointers_on_card = false, atomics = true;
};

}  // namespace standin

namespace {

enum { ok, invalid_handle, not_implemented, invalid_pointer, invalid_size, memory_error, internal_error, invalid_value = 11 };

constexpr int none = 111, transpose = 112, conjugate = 113;
constexpr int f16 = 150, f32 = 151, bf16 = 168;

element element_of(int type) {
  switch (type) {
    case f16: return element::float16;
    case f32: return element::float32;
    case bf16: return element::bfloat16;
    default: return element::unknown;
  }
}

int status(outcome o) { return o == outcome::ok ? ok : o == outcome::bad_handle ? invalid_value : internal_error; }

// tensile_file returns where the kernels of the first card have to be.
std::string tensile_file() {
  std::string folder;
  if (const char *path = getenv("ROCBLAS_TENSILE_LIBPATH")) {
    folder = path;
  } else {
    Dl_info info = {};
    dladdr(reinterpret_cast<void *>(&tensile_file), &info);
    const std::string library = info.dli_fname;
    folder = library.substr(0, library.rfind('/')) + "/rocblas/library";
  }
  return folder + "/TensileLibrary_lazy_" + current().devices[0].arch + ".dat";
}

bool is_operation(int op) { return op >= none && op <= conjugate; }

// A product as it was asked for, with the vendor's numbers.
struct asked {
  int ta, tb;
  int64_t m, n, k, batch;
  const void *alpha, *beta;
  const void *a, *b, *c, *d;
  int at, bt, ct, dt;
  int64_t lda, ldb, ldc, ldd;
  int64_t sa, sb, sc, sd;
  int sums;
};

bool has_types(const asked &q) {
  if (q.at != q.bt || q.ct != q.dt) return false;
  if (q.at == f32) return q.ct == f32 && q.sums == f32;
  const bool widens = q.ct == f32 && q.sums == f32 && current().mixed;
  if (q.at == f16) return widens || (q.ct == f16 && (q.sums == f32 || q.sums == f16));
  return q.at == bf16 && (widens || (q.ct == bf16 && q.sums == f32));
}

int multiply(rocblas *h, const asked &q) {
  if (!h) return invalid_handle;
  if (!is_operation(q.ta) || !is_operation(q.tb)) return invalid_value;
  if (q.m < 0 || q.n < 0 || q.k < 0 || q.batch < 0) return invalid_size;
  if (q.lda < (q.ta == none ? q.m : q.k) || q.ldb < (q.tb == none ? q.k : q.n) || q.ldc < q.m || q.ldd < q.m) return invalid_size;
  if (q.lda < 1 || q.ldb < 1 || q.ldc < 1 || q.ldd < 1) return invalid_size;
  if (q.m == 0 || q.n == 0 || q.batch == 0) return ok;
  if (!q.alpha || !q.beta) return invalid_pointer;
  if (!has_types(q)) return not_implemented;
  const float alpha = read_scalar(q.alpha, element_of(q.sums)), beta = read_scalar(q.beta, element_of(q.sums));
  if (!q.d || (beta != 0 && !q.c) || (q.k > 0 && alpha != 0 && (!q.a || !q.b))) return invalid_pointer;
  gemm g = {q.ta != none, q.tb != none, q.m, q.n, q.k, q.batch, alpha, beta, {}, {}, {}, {}};
  g.a = {q.a, element_of(q.at), q.lda, q.sa};
  g.b = {q.b, element_of(q.bt), q.ldb, q.sb};
  g.c = {q.c, element_of(q.ct), q.ldc, q.sc};
  g.d = {q.d, element_of(q.dt), q.ldd, q.sd};
  return status(submit_gemm(h->s, g));
}

}  // namespace

extern "C" {

int rocblas_create_handle(rocblas **h) {
  ENTER(" ");
  if (!h) return invalid_pointer;
  if (current().devices.empty()) return internal_error;
  if (const std::string file = tensile_file(); !current().tensile || access(file.c_str(), R_OK) != 0) {
    fprintf(stderr, "standin: rocBLAS has no %s and aborts, as the real one does\n", file.c_str());
    abort();
  }
  *h = new rocblas;
  return ok;
}

int rocblas_destroy_handle(rocblas *h) {
  ENTER("%p", static_cast<void *>(h));
  if (!h) return invalid_handle;
  delete h;
  return ok;
}

int rocblas_set_stream(rocblas *h, stream *s) {
  ENTER("%p %p", static_cast<void *>(h), static_cast<void *>(s));
  if (!h) return invalid_handle;
  if (!runtime::the().has(s)) return invalid_value;
  h->s = s;
  return ok;
}

int rocblas_get_stream(rocblas *h, stream **s) {
  ENTER("%p", static_cast<void *>(h));
  if (!h) return invalid_handle;
  if (!s) return invalid_pointer;
  *s = h->s;
  return ok;
}

int rocblas_set_pointer_mode(rocblas *h, int mode) {
  ENTER("%p %d", static_cast<void *>(h), mode);
  if (!h) return invalid_handle;
  if (mode < 0 || mode > 1) return invalid_value;
  h->pointers_on_card = mode == 1;
  return ok;
}

int rocblas_set_atomics_mode(rocblas *h, int mode) {
  ENTER("%p %d", static_cast<void *>(h), mode);
  if (!h) return invalid_handle;
  if (mode < 0 || mode > 1) return invalid_value;
  h->atomics = mode == 1;
  return ok;
}

int rocblas_get_atomics_mode(rocblas *h, int *mode) {
  ENTER("%p", static_cast<void *>(h));
  if (!h) return invalid_handle;
  if (!mode) return invalid_pointer;
  *mode = h->atomics;
  return ok;
}

int rocblas_get_version_string(char *text, size_t bytes) {
  ENTER("%zu", bytes);
  return size_t(snprintf(text, bytes, "4.3.0.standin")) < bytes ? ok : invalid_size;
}

int rocblas_get_version_string_size(size_t *bytes) {
  ENTER(" ");
  if (!bytes) return invalid_pointer;
  *bytes = 32;
  return ok;
}

void rocblas_initialize(void) {}

const char *rocblas_status_to_string(int status) {
  switch (status) {
    case ok: return "rocblas_status_success";
    case invalid_handle: return "rocblas_status_invalid_handle";
    case not_implemented: return "rocblas_status_not_implemented";
    case invalid_pointer: return "rocblas_status_invalid_pointer";
    case invalid_size: return "rocblas_status_invalid_size";
    case memory_error: return "rocblas_status_memory_error";
    case internal_error: return "rocblas_status_internal_error";
    case invalid_value: return "rocblas_status_invalid_value";
    default: return "<undefined rocblas_status value>";
  }
}

int rocblas_sgemm(rocblas *h, int ta, int tb, int m, int n, int k, const float *alpha, const float *a, int lda, const float *b, int ldb,
                  const float *beta, float *c, int ldc) {
  ENTER("%d %d %d %d %d", ta, tb, m, n, k);
  return multiply(h, {ta, tb, m, n, k, 1, alpha, beta, a, b, c, c, f32, f32, f32, f32, lda, ldb, ldc, ldc, 0, 0, 0, 0, f32});
}

int rocblas_gemm_ex(rocblas *h, int ta, int tb, int m, int n, int k, const void *alpha, const void *a, int at, int lda, const void *b, int bt,
                    int ldb, const void *beta, const void *c, int ct, int ldc, void *d, int dt, int ldd, int sums, int algorithm, int32_t solution,
                    uint32_t flags) {
  ENTER("%d %d %d %d %d a=%p:%d:%d b=%p:%d:%d c=%p:%d:%d d=%p:%d:%d sums=%d %d %d %u", ta, tb, m, n, k, a, at, lda, b, bt, ldb, c, ct, ldc, d, dt,
        ldd, sums, algorithm, solution, flags);
  return multiply(h, {ta, tb, m, n, k, 1, alpha, beta, a, b, c, d, at, bt, ct, dt, lda, ldb, ldc, ldd, 0, 0, 0, 0, sums});
}

int rocblas_gemm_strided_batched_ex(rocblas *h, int ta, int tb, int m, int n, int k, const void *alpha, const void *a, int at, int lda, int64_t sa,
                                    const void *b, int bt, int ldb, int64_t sb, const void *beta, const void *c, int ct, int ldc, int64_t sc,
                                    void *d, int dt, int ldd, int64_t sd, int batch, int sums, int algorithm, int32_t solution, uint32_t flags) {
  ENTER("%d %d %d %d %d batch=%d a=%p:%d:%d b=%p:%d:%d c=%p:%d:%d d=%p:%d:%d sums=%d %d %d %u", ta, tb, m, n, k, batch, a, at, lda, b, bt, ldb, c,
        ct, ldc, d, dt, ldd, sums, algorithm, solution, flags);
  return multiply(h, {ta, tb, m, n, k, batch, alpha, beta, a, b, c, d, at, bt, ct, dt, lda, ldb, ldc, ldd, sa, sb, sc, sd, sums});
}

}  // extern "C"
