// The vendors' functions. A line is: field, parameters, HIP's name, CUDA's name. The two agree in their parameters but for the types of
// handles, which are pointers or 64-bit numbers and passed alike. A name that begins with ? may be missing, "" is not looked for.
// All return an int, 0 for success.
#pragma once

#include "driver.h"

#define RUNTIME_CALLS(X)                                                                                \
  X(init, (unsigned flags), "hipInit", "cuInit")                                                        \
  X(version, (int *version), "hipRuntimeGetVersion", "cuDriverGetVersion")                              \
  X(count, (int *count), "hipGetDeviceCount", "cuDeviceGetCount")                                       \
  X(device, (int *device, int index), "hipDeviceGet", "cuDeviceGet")                                    \
  X(device_name, (char *name, int size, int device), "hipDeviceGetName", "cuDeviceGetName")             \
  X(device_pci, (char *id, int size, int device), "?hipDeviceGetPCIBusId", "?cuDeviceGetPCIBusId")      \
  X(device_memory, (size_t *bytes, int device), "hipDeviceTotalMem", "cuDeviceTotalMem_v2")             \
  X(attribute, (int *value, int number, int device), "hipDeviceGetAttribute", "cuDeviceGetAttribute")   \
  X(properties, (void *properties, int device), "?hipGetDevicePropertiesR0600", "")                     \
  X(old_properties, (void *properties, int device), "?hipGetDeviceProperties", "")                      \
  X(set_device, (int device), "hipSetDevice", "")                                                       \
  X(context_retain, (void **context, int device), "", "cuDevicePrimaryCtxRetain")                       \
  X(context_release, (int device), "", "?cuDevicePrimaryCtxRelease_v2")                                 \
  X(context_set, (void *context), "", "cuCtxSetCurrent")                                                \
  X(memory, (size_t *unused, size_t *total), "hipMemGetInfo", "cuMemGetInfo_v2")                        \
  X(alloc, (void **p, size_t bytes), "hipMalloc", "cuMemAlloc_v2")                                      \
  X(free, (void *p), "hipFree", "cuMemFree_v2")                                                         \
  X(alloc_host, (void **p, size_t bytes, unsigned flags), "hipHostMalloc", "cuMemHostAlloc")            \
  X(free_host, (void *p), "hipHostFree", "cuMemFreeHost")                                               \
  X(copy, (void *dst, const void *src, size_t bytes, int kind, void *stream), "hipMemcpyAsync", "")     \
  X(upload, (void *dst, const void *src, size_t bytes, void *stream), "", "cuMemcpyHtoDAsync_v2")       \
  X(download, (void *dst, const void *src, size_t bytes, void *stream), "", "cuMemcpyDtoHAsync_v2")     \
  X(move, (void *dst, const void *src, size_t bytes, void *stream), "", "cuMemcpyDtoDAsync_v2")         \
  X(fill, (void *dst, int byte, size_t bytes, void *stream), "hipMemsetAsync", "")                      \
  X(fill8, (void *dst, unsigned char byte, size_t bytes, void *stream), "", "cuMemsetD8Async")          \
  X(module_load, (void **module, const void *code), "hipModuleLoadData", "cuModuleLoadData")            \
  X(module_unload, (void *module), "hipModuleUnload", "cuModuleUnload")                                 \
  X(function, (void **kernel, void *module, const char *name), "hipModuleGetFunction", "cuModuleGetFunction") \
  X(function_attribute, (void *kernel, int attribute, int value), "", "cuFuncSetAttribute")             \
  X(launch,                                                                                             \
    (void *kernel, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned shared, void *stream, \
     void **params, void **extra),                                                                      \
    "hipModuleLaunchKernel", "cuLaunchKernel")                                                          \
  X(stream_create, (void **stream, unsigned flags), "hipStreamCreateWithFlags", "cuStreamCreate")       \
  X(stream_destroy, (void *stream), "hipStreamDestroy", "cuStreamDestroy_v2")                           \
  X(stream_synchronize, (void *stream), "hipStreamSynchronize", "cuStreamSynchronize")                  \
  X(event_create, (void **event, unsigned flags), "hipEventCreateWithFlags", "cuEventCreate")           \
  X(event_destroy, (void *event), "hipEventDestroy", "cuEventDestroy_v2")                               \
  X(event_record, (void *event, void *stream), "hipEventRecord", "cuEventRecord")                       \
  X(event_synchronize, (void *event), "hipEventSynchronize", "cuEventSynchronize")                      \
  X(event_elapsed, (float *milliseconds, void *from, void *to), "hipEventElapsedTime", "cuEventElapsedTime") \
  X(error_name, (int code, const char **name), "", "cuGetErrorName")                                    \
  X(error_text, (int code, const char **text), "", "cuGetErrorString")

#define COMPILER_CALLS(X)                                                                                \
  X(compiler_version, (int *major, int *minor), "hiprtcVersion", "nvrtcVersion")                         \
  X(program_create,                                                                                      \
    (void **program, const char *source, const char *name, int headers, const char *const *texts, const char *const *names), \
    "hiprtcCreateProgram", "nvrtcCreateProgram")                                                         \
  X(program_destroy, (void **program), "hiprtcDestroyProgram", "nvrtcDestroyProgram")                    \
  X(program_compile, (void *program, int count, const char *const *options), "hiprtcCompileProgram", "nvrtcCompileProgram") \
  X(log_size, (void *program, size_t *size), "hiprtcGetProgramLogSize", "nvrtcGetProgramLogSize")        \
  X(log_text, (void *program, char *log), "hiprtcGetProgramLog", "nvrtcGetProgramLog")                   \
  X(code_size, (void *program, size_t *size), "hiprtcGetCodeSize", "nvrtcGetCUBINSize")                  \
  X(code_bytes, (void *program, char *code), "hiprtcGetCode", "nvrtcGetCUBIN")                           \
  X(architectures, (int *count), "", "?nvrtcGetNumSupportedArchs")                                       \
  X(architecture_list, (int *architectures), "", "?nvrtcGetSupportedArchs")                              \
  X(ptx_size, (void *program, size_t *size), "", "nvrtcGetPTXSize")                                      \
  X(ptx_bytes, (void *program, char *code), "", "nvrtcGetPTX")

#define BLAS_CALLS(X)                                                                                    \
  X(blas_create, (void **handle), "rocblas_create_handle", "cublasCreate_v2")                            \
  X(blas_destroy, (void *handle), "rocblas_destroy_handle", "cublasDestroy_v2")                          \
  X(blas_stream, (void *handle, void *stream), "rocblas_set_stream", "cublasSetStream_v2")               \
  X(blas_atomics, (void *handle, int mode), "rocblas_set_atomics_mode", "?cublasSetAtomicsMode")         \
  X(blas_math, (void *handle, int mode), "", "?cublasSetMathMode")                                       \
  X(roc_version, (char *version, size_t size), "?rocblas_get_version_string", "")                        \
  X(cu_version, (int which, int *value), "", "?cublasGetProperty")                                       \
  X(roc_gemm,                                                                                            \
    (void *handle, int ta, int tb, int m, int n, int k, const void *alpha, const void *a, int at, int lda, const void *b, int bt, \
     int ldb, const void *beta, const void *c, int ct, int ldc, void *d, int dt, int ldd, int compute, int algorithm, \
     int32_t solution, uint32_t flags),                                                                  \
    "rocblas_gemm_ex", "")                                                                               \
  X(roc_gemm_batched,                                                                                    \
    (void *handle, int ta, int tb, int m, int n, int k, const void *alpha, const void *a, int at, int lda, int64_t sa, \
     const void *b, int bt, int ldb, int64_t sb, const void *beta, const void *c, int ct, int ldc, int64_t sc, void *d, int dt, \
     int ldd, int64_t sd, int batches, int compute, int algorithm, int32_t solution, uint32_t flags),    \
    "rocblas_gemm_strided_batched_ex", "")                                                               \
  X(cu_gemm,                                                                                             \
    (void *handle, int ta, int tb, int m, int n, int k, const void *alpha, const void *a, int at, int lda, const void *b, int bt, \
     int ldb, const void *beta, void *c, int ct, int ldc, int compute, int algorithm),                   \
    "", "cublasGemmEx")                                                                                  \
  X(cu_gemm_batched,                                                                                     \
    (void *handle, int ta, int tb, int m, int n, int k, const void *alpha, const void *a, int at, int lda, long long sa, \
     const void *b, int bt, int ldb, long long sb, const void *beta, void *c, int ct, int ldc, long long sc, int batches, \
     int compute, int algorithm),                                                                        \
    "", "cublasGemmStridedBatchedEx")

// These return text.
#define TEXT_CALLS(X)                                     \
  X(hip_name, GPU_RUNTIME, GPU_HIP, "hipGetErrorName")    \
  X(hip_text, GPU_RUNTIME, GPU_HIP, "hipGetErrorString")  \
  X(hip_compiler_text, GPU_COMPILER, GPU_HIP, "hiprtcGetErrorString") \
  X(cuda_compiler_text, GPU_COMPILER, GPU_CUDA, "nvrtcGetErrorString")

struct gpu {
  int vendor;
  void *library[GPU_PARTS];
#define FIELD(field, parameters, hip, cuda) int(*field) parameters;
  RUNTIME_CALLS(FIELD) COMPILER_CALLS(FIELD) BLAS_CALLS(FIELD)
#undef FIELD
#define FIELD(field, part, vendor, name) const char *(*field)(int code);
  TEXT_CALLS(FIELD)
#undef FIELD
};

typedef struct {
#define FIELD(field, parameters, hip, cuda) const char *field;
  RUNTIME_CALLS(FIELD) COMPILER_CALLS(FIELD) BLAS_CALLS(FIELD)
#undef FIELD
} gpu_names;

extern const gpu_names gpu_name_of[2];

// CALL calls a field of the table.
#define CALL(g, field, ...) ((gpu_status){(g)->field(__VA_ARGS__), gpu_name_of[(g)->vendor].field})
#define OK ((gpu_status){0, ""})

// What differs between operating systems.
void *library_open(const char *path, char *message, int size);
void *library_symbol(void *library, const char *name);
void library_path(void *library, void *symbol, char *path, int size);
