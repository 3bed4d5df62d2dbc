// What compiled kernels and the engine know of each other.
#pragma once

#include <stddef.h>
#include <stdint.h>

extern "C" {

struct spmd_block {
  int32_t index[3], grid[3];
  int32_t lanes;
  void *dynamic;
};

struct spmd_lane {
  int32_t index;
  const spmd_block *block;
};

// The lane that runs on this thread. In an inline function's loop it costs two loads.
extern __thread spmd_lane *spmd_current __attribute__((tls_model("initial-exec")));

void spmd_barrier(const char *file, int line);
// spmd_shared returns the block's memory for a declaration, the same for each lane.
void *spmd_shared(const void *declaration, const char *name, size_t bytes);
// spmd_exchange hands value to the wave and returns that of lane `from`.
uint64_t spmd_exchange(uint64_t value, int from, const char *what, const char *file, int line);
void spmd_matrix_wmma(float *d, const uint16_t *a, const uint16_t *b, const float *c, const char *file, int line);
void spmd_matrix_mma(float *d, const uint32_t *a, const uint32_t *b, const float *c, const char *file, int line);
void spmd_fail(const char *text, const char *file, int line) __attribute__((noreturn));

// A kernel as the engine sees it.
struct spmd_kernel {
  void (*run)(const void *args);
  int32_t threads, bytes, wave;
};

}  // extern "C"
