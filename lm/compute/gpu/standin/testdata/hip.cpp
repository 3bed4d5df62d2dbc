// hip FOLDER SOURCE does with HIP what a driver does, right and wrong.
#include "abi.h"

static void *null = nullptr;

int main(int, char **argv) {
  const std::string folder = argv[1], source = text_of(argv[2]);
  library hip(folder + "/libamdhip64.so.6"), rtc(folder + "/libhiprtc.so.6");

  int count = 0;
  WANT(0, hip.call("hipInit", 0u));
  WANT(0, hip.call("hipGetDeviceCount", &count));
  WANT(2, count);
  WANT(0, hip.call("hipSetDevice", 1));
  WANT(101, hip.call("hipSetDevice", 2));
  WANT(0, hip.call("hipSetDevice", 0));
  char properties[4096] = {};
  WANT(0, hip.call("hipGetDevicePropertiesR0600", static_cast<void *>(properties), 0));
  WANT(0, strcmp(properties + 1160, "gfx1100"));
  WANT(0, hip.call("hipGetDeviceProperties", static_cast<void *>(properties), 1));
  WANT(0, strcmp(properties + 396, "gfx1036"));
  int value = 0;
  WANT(0, hip.call("hipDeviceGetAttribute", &value, 87, 0));
  WANT(32, value);
  WANT(0, hip.call("hipDeviceGetAttribute", &value, 16, 1));
  WANT(1, value);

  // Memory.
  size_t unused = 0, total = 0;
  float *out = nullptr, *in = nullptr, *more = nullptr;
  WANT(0, hip.call("hipMalloc", &out, size_t(4096)));
  WANT(0, hip.call("hipMalloc", &in, size_t(4096)));
  WANT(0, int(reinterpret_cast<uintptr_t>(out) % 256));
  WANT(0, hip.call("hipMemGetInfo", &unused, &total));
  WANT(1 << 20, int(total));
  WANT((1 << 20) - 8192, int(unused));
  WANT(2, hip.call("hipMalloc", &more, size_t(1 << 20)));
  float values[1024];
  for (int i = 0; i < 1024; i++) values[i] = float(i + 1);
  WANT(0, hip.call("hipMemcpy", in, values, sizeof values, 1));
  WANT(1, hip.call("hipMemcpy", in + 1, values, sizeof values, 1));
  WANT(1, hip.call("hipMemcpy", values, values, sizeof values, 1));
  WANT(21, hip.call("hipMemcpy", in, values, sizeof values, 5));
  WANT(0, hip.call("hipMemset", out, 0, size_t(4096)));
  WANT(1, hip.call("hipMemset", out, 0, size_t(4097)));
  void *pinned = nullptr;
  WANT(0, hip.call("hipHostMalloc", &pinned, size_t(100), 0u));
  WANT(1, hip.call("hipFree", pinned));
  WANT(0, hip.call("hipHostFree", pinned));

  // Kernels.
  void *program = nullptr, *module = nullptr, *scan = nullptr, *deep = nullptr, *none = nullptr;
  const char *options[] = {"--gpu-architecture=gfx1100", "-O3", "-ffast-math"}, *unheard[] = {"--unheard-of"};
  WANT(0, rtc.call("hiprtcCreateProgram", &program, "int f() { return unheard_of; }", "x", 0, null, null));
  WANT(6, rtc.call("hiprtcCompileProgram", program, 3, options));
  size_t bytes = 0;
  WANT(0, rtc.call("hiprtcGetProgramLogSize", program, &bytes));
  std::string log(bytes, 0);
  WANT(0, rtc.call("hiprtcGetProgramLog", program, &log[0]));
  if (log.find("unheard_of") == std::string::npos) WANT(0, puts(log.c_str()));
  WANT(4, rtc.call("hiprtcGetCodeSize", program, &bytes));
  WANT(0, rtc.call("hiprtcDestroyProgram", &program));
  WANT(4, rtc.call("hiprtcDestroyProgram", &program));

  auto compile = [&](const char *arch) {
    options[0] = arch;
    WANT(0, rtc.call("hiprtcCreateProgram", &program, source.c_str(), "checks", 0, null, null));
    WANT(6, rtc.call("hiprtcCompileProgram", program, 1, unheard));
    WANT(0, rtc.call("hiprtcCompileProgram", program, 3, options));
    WANT(0, rtc.call("hiprtcGetCodeSize", program, &bytes));
    std::string code(bytes, 0);
    WANT(0, rtc.call("hiprtcGetCode", program, &code[0]));
    WANT(0, rtc.call("hiprtcDestroyProgram", &program));
    return code;
  };
  WANT(209, hip.call("hipModuleLoadData", &module, compile("--gpu-architecture=gfx1030").c_str()));
  WANT(200, hip.call("hipModuleLoadData", &module, "no code"));
  WANT(0, hip.call("hipModuleLoadData", &module, compile("--offload-arch=gfx1100").c_str()));
  WANT(0, hip.call("hipModuleGetFunction", &scan, module, "scan"));
  WANT(0, hip.call("hipModuleGetFunction", &deep, module, "wrong_returned"));
  WANT(500, hip.call("hipModuleGetFunction", &none, module, "nobody"));

  job j = {out, in, 0, 0};
  void *params[] = {&j}, *stream = nullptr, *bad = params, *from = nullptr, *to = nullptr;
  WANT(0, hip.call("hipStreamCreateWithFlags", &stream, 1u));
  WANT(0, hip.call("hipEventCreateWithFlags", &from, 0u));
  WANT(0, hip.call("hipEventCreateWithFlags", &to, 0u));
  auto launch = [&](void *kernel, unsigned grid, unsigned block, void *s) {
    return hip.call("hipModuleLaunchKernel", kernel, grid, 1u, 1u, block, 1u, 1u, 0u, s, params, null);
  };
  WANT(0, hip.call("hipEventRecord", from, stream));
  WANT(0, launch(scan, 1, 1024, stream));
  j.out = nullptr;  // the arguments were taken at the launch
  WANT(0, hip.call("hipEventRecord", to, stream));
  WANT(0, hip.call("hipMemcpyAsync", values, out, sizeof values, 2, stream));
  const bool late = getenv("STANDIN_LATE");
  WANT(late, values[1023] == 1024);
  float milliseconds = -1;
  WANT(late ? 600 : 0, hip.call("hipEventElapsedTime", &milliseconds, from, to));
  WANT(0, hip.call("hipStreamSynchronize", stream));
  WANT(1024 * 1025 / 2, int(values[1023]));
  WANT(0, hip.call("hipEventElapsedTime", &milliseconds, from, to));
  WANT(1, milliseconds >= 0);
  WANT(1, launch(scan, 0, 1024, stream));
  WANT(1, launch(scan, 1, 1025, stream));
  WANT(400, launch(scan, 1, 1024, bad));
  WANT(400, hip.call("hipStreamSynchronize", bad));
  WANT(400, hip.call("hipEventRecord", bad, stream));

  // Arguments in one piece.
  size_t size = sizeof j;
  j.out = out;
  void *extra[] = {reinterpret_cast<void *>(1), &j, reinterpret_cast<void *>(2), &size, reinterpret_cast<void *>(3)}, **no_params = nullptr;
  auto launch_extra = [&] { return hip.call("hipModuleLaunchKernel", scan, 1u, 1u, 1u, 64u, 1u, 1u, 0u, stream, no_params, extra); };
  WANT(0, launch_extra());
  WANT(0, hip.call("hipMemcpy", values, out, sizeof values, 2));
  WANT(64 * 65 / 2, int(values[63]));
  size--;
  WANT(1, launch_extra());

  // What a kernel does wrong is heard of later, and by all that follows.
  WANT(0, hip.call("hipStreamSynchronize", stream));
  WANT(0, launch(deep, 1, 1024, stream));
  WANT(719, hip.call("hipStreamSynchronize", stream));
  WANT(719, hip.call("hipMalloc", &more, size_t(16)));
  WANT(719, hip.call("hipFree", out));

  WANT(0, hip.call("hipInit", 0u));
  WANT(0, hip.call("hipModuleUnload", module));
  WANT(400, hip.call("hipModuleUnload", module));
  // A write between the end of an allocation and the page behind it.
  WANT(0, hip.call("hipMalloc", &more, size_t(100)));
  more[25] = 1;
  WANT(700, hip.call("hipDeviceSynchronize"));
  WANT(0, hip.call("hipInit", 0u));
  WANT(1, hip.call("hipFree", out + 1));
  WANT(0, hip.call("hipStreamDestroy", stream));
  printf("%d failures\n", failures);
}
