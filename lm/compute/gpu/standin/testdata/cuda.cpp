// cuda FOLDER SOURCE does with CUDA what a driver does, right and wrong.
#include "abi.h"

static void *null = nullptr;

int main(int, char **argv) {
  const std::string folder = argv[1], source = text_of(argv[2]);
  library cuda(folder + "/libcuda.so.1"), rtc(folder + "/libnvrtc.so.12"), blas(folder + "/libcublas.so.12");

  int count = 0, device = 0, value = 0;
  void *context = nullptr, *handle = nullptr;
  unsigned long long out = 0, in = 0;
  WANT(3, cuda.call("cuDeviceGetCount", &count));
  WANT(0, cuda.call("cuInit", 0u));
  WANT(0, cuda.call("cuDeviceGetCount", &count));
  WANT(2, count);
  WANT(0, cuda.call("cuDeviceGet", &device, 0));
  WANT(0, cuda.call("cuDeviceGetAttribute", &value, 75, device));
  WANT(9, value);
  WANT(201, cuda.call("cuMemAlloc_v2", &in, size_t(4096)));
  WANT(1, blas.call("cublasCreate_v2", &handle));
  WANT(0, cuda.call("cuDevicePrimaryCtxRetain", &context, device));
  WANT(0, cuda.call("cuCtxSetCurrent", context));
  WANT(0, blas.call("cublasCreate_v2", &handle));
  WANT(0, cuda.call("cuMemAlloc_v2", &in, size_t(4096)));
  WANT(0, cuda.call("cuMemAlloc_v2", &out, size_t(4096)));
  WANT(1, cuda.call("cuMemAlloc_v2", &out, size_t(0)) + 0 * int(out));
  WANT(0, cuda.call("cuMemAlloc_v2", &out, size_t(4096)));

  void *program = nullptr, *module = nullptr, *scan = nullptr, *dynamic = nullptr, *stream = nullptr;
  const char *options[] = {"--gpu-architecture=sm_90", "--std=c++17", "-DWAVE=32"}, *unheard[] = {"-O3"};
  size_t bytes = 0;
  auto compile = [&](const char *arch, const char *size, const char *get) {
    options[0] = arch;
    WANT(0, rtc.call("nvrtcCreateProgram", &program, source.c_str(), "checks", 0, null, null));
    WANT(5, rtc.call("nvrtcCompileProgram", program, 1, unheard));
    WANT(0, rtc.call("nvrtcCompileProgram", program, 3, options));
    WANT(0, rtc.call(size, program, &bytes));
    std::string code(bytes, 0);
    WANT(0, rtc.call(get, program, &code[0]));
    WANT(0, rtc.call("nvrtcDestroyProgram", &program));
    return code;
  };
  WANT(0, int(compile("--gpu-architecture=compute_90", "nvrtcGetCUBINSize", "nvrtcGetCUBIN").size()));
  WANT(209, cuda.call("cuModuleLoadData", &module, compile("--gpu-architecture=sm_80", "nvrtcGetCUBINSize", "nvrtcGetCUBIN").c_str()));
  WANT(0, cuda.call("cuModuleLoadData", &module, compile("--gpu-architecture=compute_90", "nvrtcGetPTXSize", "nvrtcGetPTX").c_str()));
  WANT(0, cuda.call("cuModuleUnload", module));
  WANT(0, cuda.call("cuModuleLoadData", &module, compile("--gpu-architecture=sm_90", "nvrtcGetCUBINSize", "nvrtcGetCUBIN").c_str()));
  WANT(0, cuda.call("cuModuleGetFunction", &scan, module, "scan"));
  WANT(0, cuda.call("cuModuleGetFunction", &dynamic, module, "dynamic_reverse"));
  WANT(0, cuda.call("cuStreamCreate", &stream, 1u));

  float values[1024];
  for (int i = 0; i < 1024; i++) values[i] = float(i + 1);
  WANT(0, cuda.call("cuMemcpyHtoDAsync_v2", in, values, sizeof values, stream));
  WANT(1, cuda.call("cuMemcpyHtoDAsync_v2", in + 4, values, sizeof values, stream));
  WANT(0, cuda.call("cuStreamSynchronize", stream));
  job j = {reinterpret_cast<float *>(out), reinterpret_cast<float *>(in), 0, 0};
  void *params[] = {&j};
  auto launch = [&](void *kernel, unsigned shared) {
    return cuda.call("cuLaunchKernel", kernel, 1u, 1u, 1u, 1024u, 1u, 1u, shared, stream, params, null);
  };
  WANT(0, launch(scan, 0));
  WANT(0, cuda.call("cuMemcpyDtoHAsync_v2", values, out, sizeof values, stream));
  WANT(0, cuda.call("cuStreamSynchronize", stream));
  WANT(1024 * 1025 / 2, int(values[1023]));
  WANT(1, launch(dynamic, 49153));
  WANT(0, cuda.call("cuFuncSetAttribute", dynamic, 8, 65536));
  WANT(0, launch(dynamic, 49153));
  WANT(1, cuda.call("cuFuncSetAttribute", dynamic, 8, 65537));
  WANT(0, cuda.call("cuMemFree_v2", out));
  WANT(1, cuda.call("cuMemFree_v2", out));
  // The kernel writes to memory that was given back.
  WANT(0, launch(scan, 0));
  WANT(700, cuda.call("cuStreamSynchronize", stream));
  printf("%d failures\n", failures);
}
