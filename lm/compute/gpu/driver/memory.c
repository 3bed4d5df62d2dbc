#include "table.h"

enum { HOST_TO_DEVICE = 1, DEVICE_TO_HOST = 2, DEVICE_TO_DEVICE = 3 };

gpu_status gpu_alloc(gpu *g, void **p, size_t bytes) { return CALL(g, alloc, p, bytes); }
gpu_status gpu_free(gpu *g, void *p) { return CALL(g, free, p); }
gpu_status gpu_alloc_host(gpu *g, void **p, size_t bytes) { return CALL(g, alloc_host, p, bytes, 0); }
gpu_status gpu_free_host(gpu *g, void *p) { return CALL(g, free_host, p); }
gpu_status gpu_memory(gpu *g, size_t *unused, size_t *total) { return CALL(g, memory, unused, total); }

gpu_status gpu_upload(gpu *g, void *dst, const void *src, size_t bytes, void *stream) {
  return g->vendor == GPU_HIP ? CALL(g, copy, dst, src, bytes, HOST_TO_DEVICE, stream) : CALL(g, upload, dst, src, bytes, stream);
}

gpu_status gpu_download(gpu *g, void *dst, const void *src, size_t bytes, void *stream) {
  return g->vendor == GPU_HIP ? CALL(g, copy, dst, src, bytes, DEVICE_TO_HOST, stream) : CALL(g, download, dst, src, bytes, stream);
}

gpu_status gpu_copy(gpu *g, void *dst, const void *src, size_t bytes, void *stream) {
  return g->vendor == GPU_HIP ? CALL(g, copy, dst, src, bytes, DEVICE_TO_DEVICE, stream) : CALL(g, move, dst, src, bytes, stream);
}

gpu_status gpu_fill(gpu *g, void *dst, int byte, size_t bytes, void *stream) {
  return g->vendor == GPU_HIP ? CALL(g, fill, dst, byte, bytes, stream) : CALL(g, fill8, dst, (unsigned char)byte, bytes, stream);
}

gpu_status gpu_synchronize(gpu *g, void *stream) { return CALL(g, stream_synchronize, stream); }
