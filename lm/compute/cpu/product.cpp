// Matrix products on oneDNN. dnnl_sgemm is the same in oneDNN 2 and 3, takes any shape without creating
// a primitive first, and with both operands row-major is as fast as primitives with packed weights, also
// in small blocks (97 to 116 GFLOP/s on one Zen 4 core from 8 x 192 up). So each piece is one
// single-threaded call.
#include <oneapi/dnnl/dnnl.h>

#include <algorithm>
#include <atomic>

#include "native.h"
#include "team.h"

namespace {

constexpr int ROWS = 64, LEAST_COLUMNS = 192, PIECES = 4;  // pieces for each thread, to balance

constexpr int divide_up(int a, int b) { return (a + b - 1) / b; }

}  // namespace

int native_product(native *e, mat c, mat a, mat b, int add) {
  const int down = divide_up(c.rows, ROWS);
  int across = std::max(1, divide_up(PIECES * e->threads, down));
  const int width = std::max(LEAST_COLUMNS, divide_up(divide_up(c.cols, across), 16) * 16);
  across = divide_up(c.cols, width);
  std::atomic<int> status{dnnl_success};
  parallel(e->team, down * across, [&](int piece, int) {
    const int i = piece / across * ROWS, j = piece % across * width;
    const int m = std::min(ROWS, c.rows - i), n = std::min(width, c.cols - j);
    const dnnl_status_t s = dnnl_sgemm('N', 'N', m, n, a.cols, 1.0f, a.data + i * a.stride, a.stride, b.data + j,
                                       b.stride, add ? 1.0f : 0.0f, c.data + i * c.stride + j, c.stride);
    if (s != dnnl_success) status.store(s);
  });
  return status.load();
}
