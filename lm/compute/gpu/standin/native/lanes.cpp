// What kernels call: abi.h.
#include <cstring>

#include "block.h"

using namespace standin;

namespace {

worker &here() { return *worker::running(); }

float of_bfloat16(uint16_t h) {
  const uint32_t bits = uint32_t(h) << 16;
  float f;
  memcpy(&f, &bits, sizeof f);
  return f;
}

void want_wave(int lanes, const place &at) {
  worker &w = here();
  if (w.wave_size() != lanes || w.own_wave().lanes != lanes) {
    w.fail(std::string(at.what) + " wants a whole wave of " + std::to_string(lanes) + " lanes, there are " + std::to_string(w.own_wave().lanes), at);
  }
}

}  // namespace

extern "C" {

void spmd_barrier(const char *file, int line) { here().barrier({"BARRIER", file, line}); }

void *spmd_shared(const void *declaration, const char *name, size_t bytes) { return here().shared(declaration, name, bytes); }

void spmd_fail(const char *text, const char *file, int line) { here().fail(text, place{"", file, line}); }

uint64_t spmd_exchange(uint64_t value, int from, const char *what, const char *file, int line) {
  worker &w = here();
  const place at{what, file, line};
  if (from < 0 || from >= w.own_wave().lanes) {
    w.fail(std::string(what) + " of lane " + std::to_string(from) + " of a wave that has " + std::to_string(w.own_wave().lanes), at);
  }
  return w.meet(at, [&](hand &h) { h.value = value; })[from].value;
}

void spmd_matrix_wmma(float *d, const uint16_t *a, const uint16_t *b, const float *c, const char *file, int line) {
  worker &w = here();
  const place at{"spmd_wmma_16x16x16", file, line};
  want_wave(32, at);
  const hand *hands = w.meet(at, [&](hand &h) {
    memcpy(h.a, a, 32);
    memcpy(h.b, b, 32);
    memcpy(h.c, c, 32);
  });
  const int l = w.lane_in_wave(), column = l % 16;
  if (memcmp(hands[l].a, hands[l ^ 16].a, 32) != 0 || memcmp(hands[l].b, hands[l ^ 16].b, 32) != 0) {
    w.fail("spmd_wmma_16x16x16 whose lanes " + std::to_string(column) + " and " + std::to_string(column + 16) + " hold different rows or columns", at);
  }
  uint16_t right[16];
  memcpy(right, hands[l].b, 32);
  for (int i = 0; i < 8; i++) {
    uint16_t left[16];
    memcpy(left, hands[2 * i + l / 16].a, 32);
    float sum = hands[l].c[i];
    for (int k = 0; k < 16; k++) sum += of_bfloat16(left[k]) * of_bfloat16(right[k]);
    d[i] = sum;
  }
}

// The layout is that of the PTX manual's figures for m16n8k16: of four lanes that follow each other, lane t holds the
// elements 2t, 2t+1, 2t+8 and 2t+9 of k.
void spmd_matrix_mma(float *d, const uint32_t *a, const uint32_t *b, const float *c, const char *file, int line) {
  worker &w = here();
  const place at{"spmd_mma_m16n8k16", file, line};
  want_wave(32, at);
  const hand *hands = w.meet(at, [&](hand &h) {
    memcpy(h.a, a, 16);
    memcpy(h.b, b, 8);
    memcpy(h.c, c, 16);
  });
  const int l = w.lane_in_wave();
  auto half = [](uint32_t pair, int i) { return of_bfloat16(uint16_t(i ? pair >> 16 : pair)); };
  for (int i = 0; i < 4; i++) {
    const int low_row = l / 4, upper = i / 2, column = l % 4 * 2 + i % 2;
    float sum = hands[l].c[i];
    for (int k = 0; k < 16; k++) {
      const hand &left = hands[low_row * 4 + k % 8 / 2], &right = hands[column * 4 + k % 8 / 2];
      sum += half(left.a[upper + k / 8 * 2], k % 2) * half(right.b[k / 8], k % 2);
    }
    d[i] = sum;
  }
}

}  // extern "C"
