// The engine for callers that want kernels run and no vendor's interface: Go's Card. Texts that are returned belong to the
// caller, who frees them.
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct standin_launch_call {
  const char *kernel;
  uint32_t grid[3], block, shared;
  const void *args;
  size_t bytes;

  int32_t wave, threads;
  uint64_t seed;
  uint32_t most_shared;
};

// options are separated by line ends. Returns the path of the compiled kernels, or null with the compiler's messages in log.
char *standin_compile(const char *source, const char *options, char **log);
// Returns null with the reason in error.
void *standin_load(const char *path, char **error);
void standin_unload(void *module);
// Returns null if all went well, and else what went wrong.
char *standin_launch(void *module, const struct standin_launch_call *call);
// Returns null if there is no memory.
void *standin_allocate(size_t bytes);
// Returns null if all is well, and else what is not.
char *standin_release(void *memory);

#ifdef __cplusplus
}
#endif
