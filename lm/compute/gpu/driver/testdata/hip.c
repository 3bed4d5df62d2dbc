// Libraries of AMD's that do nothing, for what differs between versions: VERSION is 5 (properties in the old layout, the compiler in the
// runtime), 6 (both layouts) or 7 (a compiler of its own); PART is RUNTIME, COMPILER or BLAS; WITHOUT_FREE lacks a function.
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define RUNTIME 1
#define COMPILER 2
#define BLAS 3
#define NOTHING(name) \
  int name() { return 0; }

#if PART == RUNTIME
int hipRuntimeGetVersion(int *version) { *version = VERSION * 10000000 + 200000 + 7; return 0; }
int hipGetDeviceCount(int *count) { *count = 1; return 0; }
int hipDeviceGetName(char *name, int size, int device) { (void)device; strncpy(name, "Card of a version", (size_t)size); return 0; }
int hipDeviceTotalMem(size_t *bytes, int device) { (void)device; *bytes = 1u << 30; return 0; }
int hipDeviceGetAttribute(int *value, int number, int device) { (void)device; *value = number; return 0; }
#if VERSION >= 6
int hipGetDevicePropertiesR0600(char *p, int device) { (void)device; memset(p, 0xee, 1472); strcpy(p + 1160, "gfx90a:sramecc+:xnack-"); return 0; }
#endif
// The old name has the old layout in every version. 6 has other words there, so that taking it is seen.
int hipGetDeviceProperties(char *p, int device) { (void)device; memset(p, 0xee, 792); strcpy(p + 396, VERSION == 5 ? "gfx1030" : "wrong"); return 0; }
const char *hipGetErrorName(int code) { (void)code; return "hipErrorOfATest"; }
const char *hipGetErrorString(int code) { (void)code; return "error of a test"; }
NOTHING(hipInit) NOTHING(hipDeviceGet) NOTHING(hipSetDevice) NOTHING(hipMemGetInfo) NOTHING(hipMalloc)
#ifndef WITHOUT_FREE
NOTHING(hipFree)
#endif
NOTHING(hipHostMalloc) NOTHING(hipHostFree) NOTHING(hipMemcpyAsync) NOTHING(hipMemsetAsync) NOTHING(hipModuleLoadData)
NOTHING(hipModuleUnload) NOTHING(hipModuleGetFunction) NOTHING(hipModuleLaunchKernel) NOTHING(hipStreamCreateWithFlags)
NOTHING(hipStreamDestroy) NOTHING(hipStreamSynchronize) NOTHING(hipEventCreateWithFlags) NOTHING(hipEventDestroy)
NOTHING(hipEventRecord) NOTHING(hipEventSynchronize) NOTHING(hipEventElapsedTime)
#endif

#if PART == COMPILER || (PART == RUNTIME && VERSION == 5)
int hiprtcVersion(int *major, int *minor) { *major = VERSION; *minor = PART; return 0; }
NOTHING(hiprtcCreateProgram) NOTHING(hiprtcDestroyProgram) NOTHING(hiprtcCompileProgram) NOTHING(hiprtcGetProgramLogSize)
NOTHING(hiprtcGetProgramLog) NOTHING(hiprtcGetCodeSize) NOTHING(hiprtcGetCode)
const char *hiprtcGetErrorString(int code) { (void)code; return "error of a test"; }
#endif

#if PART == BLAS
NOTHING(rocblas_create_handle) NOTHING(rocblas_destroy_handle) NOTHING(rocblas_set_stream) NOTHING(rocblas_set_atomics_mode)
NOTHING(rocblas_gemm_ex) NOTHING(rocblas_gemm_strided_batched_ex)
#endif
