#include "table.h"

gpu_status gpu_module(gpu *g, void **module, const void *code) { return CALL(g, module_load, module, code); }
gpu_status gpu_unload(gpu *g, void *module) { return CALL(g, module_unload, module); }
gpu_status gpu_kernel(gpu *g, void **kernel, void *module, const char *name) { return CALL(g, function, kernel, module, name); }

// CUDA gives a kernel more than 48 KiB of dynamic shared memory only if told before; HIP needs no telling.
gpu_status gpu_allow_shared(gpu *g, void *kernel, int bytes) {
  enum { MAX_DYNAMIC_SHARED = 8 };
  return g->vendor == GPU_HIP ? OK : CALL(g, function_attribute, kernel, MAX_DYNAMIC_SHARED, bytes);
}

gpu_status gpu_launch(gpu *g, void *kernel, const uint32_t grid[3], uint32_t block, uint32_t shared, void *args, void *stream) {
  void *params[] = {args};
  return CALL(g, launch, kernel, grid[0], grid[1], grid[2], block, 1, 1, shared, stream, params, NULL);
}

gpu_status gpu_event(gpu *g, void **event) { return CALL(g, event_create, event, 0); }
gpu_status gpu_free_event(gpu *g, void *event) { return CALL(g, event_destroy, event); }
gpu_status gpu_record(gpu *g, void *event, void *stream) { return CALL(g, event_record, event, stream); }

gpu_status gpu_elapsed(gpu *g, float *milliseconds, void *from, void *to) {
  const gpu_status s = CALL(g, event_synchronize, to);
  return s.code ? s : CALL(g, event_elapsed, milliseconds, from, to);
}
