#include "gemm.h"

#include <cstring>
#include <vector>

#include "memory.h"

namespace standin {

namespace {

// A tile is what is kept in registers: rows of d, which lie next to each other, by columns.
constexpr int tile_rows = 32, tile_columns = 4;

#if defined(__aarch64__)
using float16 = __fp16;
#else
using float16 = _Float16;
#endif

size_t bytes_of(element e) { return e == element::float32 ? 4 : 2; }

float load(const void *data, element e, int64_t i) {
  if (e == element::float32) return static_cast<const float *>(data)[i];
  if (e == element::float16) return float(static_cast<const float16 *>(data)[i]);
  const uint32_t bits = uint32_t(static_cast<const uint16_t *>(data)[i]) << 16;
  float f;
  memcpy(&f, &bits, sizeof f);
  return f;
}

void store(void *data, element e, int64_t i, float f) {
  if (e == element::float32) {
    static_cast<float *>(data)[i] = f;
  } else if (e == element::float16) {
    static_cast<float16 *>(data)[i] = float16(f);
  } else {
    uint32_t bits;
    memcpy(&bits, &f, sizeof bits);
    const bool nan = (bits & 0x7fffffffu) > 0x7f800000u;
    bits = nan ? bits | 0x400000u : bits + 0x7fffu + (bits >> 16 & 1);
    static_cast<uint16_t *>(data)[i] = uint16_t(bits >> 16);
  }
}

// pack writes op(x) [rows, k] as panels of `width` rows, each [k, width], filled up with zeros.
std::vector<float> pack(const char *data, const matrix &x, bool transposed, int64_t rows, int64_t k, int width) {
  const int64_t panels = (rows + width - 1) / width;
  std::vector<float> packed(size_t(panels * k * width));
  for (int64_t r = 0; r < rows; r++) {
    float *to = packed.data() + r / width * k * width + r % width;
    const int64_t first = transposed ? r * x.leading : r, step = transposed ? 1 : x.leading;
    for (int64_t i = 0; i < k; i++) to[i * width] = load(data, x.type, first + i * step);
  }
  return packed;
}

#if defined(__x86_64__) && !defined(__clang__)
#define FOR_EACH_PROCESSOR __attribute__((target_clones("default", "arch=haswell", "arch=skylake-avx512")))
#else
#define FOR_EACH_PROCESSOR
#endif

// multiply sets sums [tile_columns, tile_rows] to the product of two panels.
FOR_EACH_PROCESSOR
void multiply(const float *a, const float *b, int64_t k, float *sums) {
  float s[tile_columns][tile_rows] = {};
  for (int64_t i = 0; i < k; i++, a += tile_rows, b += tile_columns) {
    for (int c = 0; c < tile_columns; c++) {
      for (int r = 0; r < tile_rows; r++) s[c][r] += a[r] * b[c];
    }
  }
  memcpy(sums, s, sizeof s);
}

const char *at(const matrix &x, int64_t batch) { return static_cast<const char *>(x.data) + batch * x.batch_stride * int64_t(bytes_of(x.type)); }

void compute(const gemm &g, int64_t batch) {
  const auto a = pack(at(g.a, batch), g.a, g.transpose_a, g.m, g.k, tile_rows);
  const auto b = pack(at(g.b, batch), g.b, !g.transpose_b, g.n, g.k, tile_columns);
  const char *c = at(g.c, batch);
  char *d = const_cast<char *>(at(g.d, batch));
  float sums[tile_columns * tile_rows];
  for (int64_t row = 0; row < g.m; row += tile_rows) {
    for (int64_t column = 0; column < g.n; column += tile_columns) {
      multiply(a.data() + row * g.k, b.data() + column * g.k, g.k, sums);
      for (int64_t j = column; j < g.n && j < column + tile_columns; j++) {
        for (int64_t i = row; i < g.m && i < row + tile_rows; i++) {
          float sum = g.alpha * sums[(j - column) * tile_rows + i - row];
          if (g.beta != 0) sum += g.beta * load(c, g.c.type, i + j * g.c.leading);
          store(d, g.d.type, i + j * g.d.leading, sum);
        }
      }
    }
  }
}

// within reports whether all that a product touches of x [rows, columns] is the card's.
bool within(const matrix &x, int64_t rows, int64_t columns, int64_t batch) {
  if (rows == 0 || columns == 0) return true;
  const int64_t last = (batch - 1) * x.batch_stride + (columns - 1) * x.leading + rows;
  return contains(x.data, size_t(last) * bytes_of(x.type));
}

outcome run(const gemm &g, std::string &text) {
  const char *wrong = nullptr;
  if (!within(g.a, g.transpose_a ? g.k : g.m, g.transpose_a ? g.m : g.k, g.batch)) wrong = "a";
  if (!within(g.b, g.transpose_b ? g.n : g.k, g.transpose_b ? g.k : g.n, g.batch)) wrong = "b";
  if (g.beta != 0 && !within(g.c, g.m, g.n, g.batch)) wrong = "c";
  if (!within(g.d, g.m, g.n, g.batch)) wrong = "d";
  if (wrong) {
    text = std::string("product of ") + std::to_string(g.m) + "·" + std::to_string(g.n) + "·" + std::to_string(g.k) + ": matrix " + wrong +
           " does not lie in an allocation";
    return outcome::bad_address;
  }
  for (int64_t i = 0; i < g.batch; i++) compute(g, i);
  return outcome::ok;
}

}  // namespace

outcome submit_gemm(stream *s, const gemm &g) {
  return runtime::the().submit(s, [g](std::string &text) { return run(g, text); });
}

float read_scalar(const void *p, element type) { return load(p, type, 0); }

}  // namespace standin
