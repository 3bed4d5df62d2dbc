// What the vendors' libraries are asked for, in one vocabulary. Nothing is linked: a table of function pointers is filled from
// libraries that are loaded at run time, and a call names its vendor's function in what it returns.
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { GPU_HIP, GPU_CUDA };

// What a library is for.
enum { GPU_RUNTIME, GPU_COMPILER, GPU_BLAS, GPU_PARTS };

typedef struct gpu gpu;

// gpu_status is a vendor's error code, 0 for success, and the function that returned it.
typedef struct {
  int code;
  const char *call;
} gpu_status;

gpu *gpu_new(int vendor);

// gpu_load loads a library and fills its part of the table. It returns 0, or 1 with what the loader says, or 2 with the name of a
// function that the library lacks; message has room for size bytes.
int gpu_load(gpu *g, int part, const char *path, char *message, int size);
// gpu_share takes a part from the library that another part was loaded from.
int gpu_share(gpu *g, int part, int from, char *message, int size);
// gpu_path writes the file that a part was loaded from.
void gpu_path(const gpu *g, int part, char *path, int size);
void gpu_describe(const gpu *g, int code, const char **name, const char **text);
const char *gpu_describe_compiler(const gpu *g, int code);

// Facts of a card, see gpu_device.
typedef struct {
  char name[256], architecture[256], pci[32];
  size_t memory;
  int wave, units, shared, threads, integrated;
} gpu_facts;

gpu_status gpu_init(gpu *g);
gpu_status gpu_version(gpu *g, int *version);
gpu_status gpu_count(gpu *g, int *count);
gpu_status gpu_device(gpu *g, int index, gpu_facts *facts);

// gpu_enter makes a card the calling thread's; gpu_leave gives it back.
gpu_status gpu_enter(gpu *g, int index, void **stream);
gpu_status gpu_leave(gpu *g, int index, void *stream);
// gpu_bind lets the calling thread use a card that another one has entered.
gpu_status gpu_bind(gpu *g, int index);

gpu_status gpu_alloc(gpu *g, void **p, size_t bytes);
gpu_status gpu_free(gpu *g, void *p);
gpu_status gpu_alloc_host(gpu *g, void **p, size_t bytes);
gpu_status gpu_free_host(gpu *g, void *p);
gpu_status gpu_memory(gpu *g, size_t *unused, size_t *total);
gpu_status gpu_upload(gpu *g, void *dst, const void *src, size_t bytes, void *stream);
gpu_status gpu_download(gpu *g, void *dst, const void *src, size_t bytes, void *stream);
gpu_status gpu_copy(gpu *g, void *dst, const void *src, size_t bytes, void *stream);
gpu_status gpu_fill(gpu *g, void *dst, int byte, size_t bytes, void *stream);
gpu_status gpu_synchronize(gpu *g, void *stream);

gpu_status gpu_module(gpu *g, void **module, const void *code);
gpu_status gpu_unload(gpu *g, void *module);
gpu_status gpu_kernel(gpu *g, void **kernel, void *module, const char *name);
gpu_status gpu_allow_shared(gpu *g, void *kernel, int bytes);
gpu_status gpu_launch(gpu *g, void *kernel, const uint32_t grid[3], uint32_t block, uint32_t shared, void *args, void *stream);

gpu_status gpu_event(gpu *g, void **event);
gpu_status gpu_free_event(gpu *g, void *event);
gpu_status gpu_record(gpu *g, void *event, void *stream);
gpu_status gpu_elapsed(gpu *g, float *milliseconds, void *from, void *to);

// gpu_compile makes code for a card; the log is set also when it fails. Both are the caller's to free.
gpu_status gpu_compile(gpu *g, const char *source, const char *name, const char *const *options, int count, char **code, size_t *size, char **log);
// gpu_newest returns the newest architecture up to one (90 for sm_90) that the compiler knows, or 0 if it does not say.
int gpu_newest(gpu *g, int limit);
gpu_status gpu_compiler_version(gpu *g, int *major, int *minor);

// gpu_product is one call of a BLAS, in its column-major terms: c [m, n] = alpha op(a) op(b) + beta c.
typedef struct {
  int m, n, k, batches;
  int transpose_a, transpose_b; // 0 or 1
  int in, out;                  // the elements: GPU_F32 ...
  float alpha, beta;
  const void *a, *b;
  void *c;
  int lda, ldb, ldc;
  int64_t stride_a, stride_b, stride_c;
} gpu_product;

enum { GPU_F32, GPU_F16, GPU_BF16 };

gpu_status gpu_blas_open(gpu *g, void **handle, void *stream);
gpu_status gpu_blas_close(gpu *g, void *handle);
gpu_status gpu_blas_version(gpu *g, char *version, int size);
gpu_status gpu_gemm(gpu *g, void *handle, const gpu_product *p);
