// blas FOLDER multiplies in all layouts and types with both vendors' libraries and compares with sums of doubles.
#include "abi.h"

static float round_to(float f, int half) {
  if (half == 0) return f;
  if (half == 1) return float(_Float16(f));
  uint32_t bits;
  memcpy(&bits, &f, 4);
  bits = (bits + 0x7fff + (bits >> 16 & 1)) & 0xffff0000u;
  memcpy(&f, &bits, 4);
  return f;
}

// put and get are for elements of type 0 float32, 1 float16, 2 bfloat16.
static void put(void *data, int type, size_t i, float f) {
  uint32_t bits;
  memcpy(&bits, &f, 4);
  if (type == 0) static_cast<float *>(data)[i] = f;
  if (type == 1) static_cast<_Float16 *>(data)[i] = _Float16(f);
  if (type == 2) static_cast<uint16_t *>(data)[i] = uint16_t(bits >> 16);
}

static float get(const void *data, int type, size_t i) {
  if (type == 0) return static_cast<const float *>(data)[i];
  if (type == 1) return float(static_cast<const _Float16 *>(data)[i]);
  const uint32_t bits = uint32_t(static_cast<const uint16_t *>(data)[i]) << 16;
  float f;
  memcpy(&f, &bits, 4);
  return f;
}

struct matrix {
  void *data;
  int type, rows, leading;
  int64_t stride;
  std::vector<float> values;  // as stored: column-major, with what lies between columns and batches

  float at(int batch, int row, int column) const { return values[size_t(batch * stride + column * leading + row)]; }
};

static uint32_t seed = 1;
static float draw() {
  seed = seed * 1664525 + 1013904223;
  return float(seed >> 8) / float(1 << 24) - 0.5f;
}

int main(int, char **argv) {
  const std::string folder = argv[1];
  library hip(folder + "/libamdhip64.so.6"), cuda(folder + "/libcuda.so.1");
  library roc(folder + "/librocblas.so.4"), cu(folder + "/libcublas.so.12");
  WANT(0, hip.call("hipInit", 0u));
  WANT(0, cuda.call("cuInit", 0u));
  void *context = nullptr, *rh = nullptr, *ch = nullptr, *stream = nullptr;
  WANT(0, cuda.call("cuDevicePrimaryCtxRetain", &context, 0));
  WANT(0, cuda.call("cuCtxSetCurrent", context));
  WANT(0, hip.call("hipStreamCreateWithFlags", &stream, 1u));
  WANT(0, roc.call("rocblas_create_handle", &rh));
  WANT(0, roc.call("rocblas_set_stream", rh, stream));
  WANT(0, roc.call("rocblas_set_atomics_mode", rh, 0));
  WANT(0, cu.call("cublasCreate_v2", &ch));

  constexpr int roc_types[] = {151, 150, 168}, cu_types[] = {0, 2, 14};
  int products = 0;
  auto make = [&](int type, int rows, int columns, int batches) {
    matrix x = {nullptr, type, rows, rows + 3, 0, {}};
    x.stride = int64_t(x.leading) * columns + 5;
    x.values.resize(size_t(x.stride * batches));
    std::vector<char> bytes(x.values.size() * 4);
    for (size_t i = 0; i < x.values.size(); i++) {
      x.values[i] = round_to(draw(), type);
      put(bytes.data(), type, i, x.values[i]);
    }
    const size_t size = x.values.size() * (type ? 2 : 4);
    WANT(0, hip.call("hipMalloc", &x.data, size));
    WANT(0, hip.call("hipMemcpy", x.data, bytes.data(), size, 1));
    return x;
  };
  auto multiply = [&](int vendor, bool ta, bool tb, int m, int n, int k, int batches, int in, int out, float beta) {
    matrix a = make(in, ta ? k : m, ta ? m : k, batches), b = make(in, tb ? n : k, tb ? k : n, batches), c = make(out, m, n, batches);
    const float alpha = 0.75f;
    const int at = vendor ? cu_types[in] : roc_types[in], ct = vendor ? cu_types[out] : roc_types[out];
    const int opa = vendor ? ta : 111 + ta, opb = vendor ? tb : 111 + tb;
    if (vendor == 0 && batches == 1)
      WANT(0, roc.call("rocblas_gemm_ex", rh, opa, opb, m, n, k, &alpha, a.data, at, a.leading, b.data, at, b.leading, &beta, c.data, ct, c.leading,
                       c.data, ct, c.leading, 151, 0, 0, 0u));
    else if (vendor == 0)
      WANT(0, roc.call("rocblas_gemm_strided_batched_ex", rh, opa, opb, m, n, k, &alpha, a.data, at, a.leading, a.stride, b.data, at, b.leading,
                       b.stride, &beta, c.data, ct, c.leading, c.stride, c.data, ct, c.leading, c.stride, batches, 151, 0, 0, 0u));
    else if (batches == 1)
      WANT(0, cu.call("cublasGemmEx", ch, opa, opb, m, n, k, &alpha, a.data, at, a.leading, b.data, at, b.leading, &beta, c.data, ct, c.leading, 68, -1));
    else
      WANT(0, cu.call("cublasGemmStridedBatchedEx", ch, opa, opb, m, n, k, &alpha, a.data, at, a.leading, (long long)a.stride, b.data, at, b.leading,
                      (long long)b.stride, &beta, c.data, ct, c.leading, (long long)c.stride, batches, 68, -1));
    WANT(0, hip.call("hipStreamSynchronize", stream));
    std::vector<char> bytes(c.values.size() * 4);
    WANT(0, hip.call("hipMemcpy", bytes.data(), c.data, c.values.size() * (out ? 2 : 4), 2));
    const double tolerance = out == 0 ? 1e-5 : out == 1 ? 1e-3 : 8e-3;
    for (int e = 0; e < batches; e++) {
      for (int i = 0; i < c.leading; i++) {
        for (int j = 0; j < n; j++) {
          double sum = i < m && beta ? beta * double(c.at(e, i, j)) : 0;
          for (int x = 0; i < m && x < k; x++) sum += 0.75 * (ta ? a.at(e, x, i) : a.at(e, i, x)) * double(tb ? b.at(e, j, x) : b.at(e, x, j));
          if (i >= m) sum = c.at(e, i, j);  // between the columns nothing is written
          const double got = get(bytes.data(), out, size_t(e * c.stride + j * c.leading + i));
          if (!(std::fabs(got - sum) <= tolerance * (1 + std::fabs(sum)))) {
            printf("vendor %d ta %d tb %d %dx%dx%d in %d out %d beta %g: (%d,%d,%d) is %g, want %g\n", vendor, ta, tb, m, n, k, in, out, double(beta), e, i, j,
                   got, sum);
            failures++;
            i = c.leading, j = n;
          }
        }
      }
    }
    for (void *p : {a.data, b.data, c.data}) WANT(0, hip.call("hipFree", p));
    products++;
  };
  constexpr int sizes[][3] = {{1, 1, 1}, {33, 5, 7}, {64, 70, 40}, {3, 100, 0}};
  for (int vendor = 0; vendor < 2; vendor++)
    for (int layout = 0; layout < 4; layout++)
      for (auto [in, out] : {std::pair<int, int>{0, 0}, {1, 1}, {2, 2}, {1, 0}, {2, 0}})
        for (auto &s : sizes) {
          if (s[2] == 0) continue;
          multiply(vendor, layout & 1, layout & 2, s[0], s[1], s[2], 1, in, out, 0);
          multiply(vendor, layout & 1, layout & 2, s[0], s[1], s[2], 3, in, out, 0.5f);
        }

  // What is refused.
  matrix x = make(2, 8, 8, 1);
  const float one = 1, zero = 0;
  auto ex = [&](void *h, int op, int m, const void *alpha, const void *a, int type, int lda, int out, int sums) {
    return roc.call("rocblas_gemm_ex", h, op, 111, m, 4, 4, alpha, a, type, lda, x.data, type, 8, &zero, x.data, out, 8, x.data, out, 8, sums, 0, 0, 0u);
  };
  void *null = nullptr;
  WANT(1, ex(null, 111, 4, &one, x.data, 168, 8, 168, 151));
  WANT(11, ex(rh, 0, 4, &one, x.data, 168, 8, 168, 151));
  WANT(4, ex(rh, 111, -1, &one, x.data, 168, 8, 168, 151));
  WANT(4, ex(rh, 111, 4, &one, x.data, 168, 3, 168, 151));
  WANT(3, ex(rh, 111, 4, nullptr, x.data, 168, 8, 168, 151));
  WANT(3, ex(rh, 111, 4, &one, nullptr, 168, 8, 168, 151));
  WANT(2, ex(rh, 111, 4, &one, x.data, 168, 8, 168, 168));
  WANT(2, ex(rh, 111, 4, &one, x.data, 168, 8, 150, 151));
  auto cux = [&](void *h, int op, int type, int lda, int out, int sums) {
    return cu.call("cublasGemmEx", h, op, 0, 4, 4, 4, &one, x.data, type, lda, x.data, type, 8, &zero, x.data, out, 8, sums, -1);
  };
  WANT(1, cux(null, 0, 14, 8, 14, 68));
  WANT(7, cux(ch, 111, 14, 8, 14, 68));
  WANT(7, cux(ch, 0, 14, 3, 14, 68));
  WANT(15, cux(ch, 0, 14, 8, 2, 68));
  WANT(15, cux(ch, 0, 14, 8, 14, 64));
  // A matrix that is not there is a fault of the card, which is heard of later.
  WANT(0, ex(rh, 111, 4, &one, &one, 168, 8, 168, 151));
  WANT(700, hip.call("hipStreamSynchronize", stream));
  printf("%d products, %d failures\n", products, failures);
}
