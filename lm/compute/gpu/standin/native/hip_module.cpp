// libamdhip64: kernels.
#include "hip.h"

using namespace standin;

namespace {

// arguments finds them in params, or in extra: {1, pointer, 2, pointer to their size, 3}. It returns null if they are not there,
// or are not as many bytes as the kernel takes.
const void *arguments(const function *f, void **params, void **extra) {
  if (params) return params[0];
  const void *found = nullptr;
  for (void **e = extra; e && *e != reinterpret_cast<void *>(3); e += 2) {
    if (*e == reinterpret_cast<void *>(1)) found = e[1];
    if (*e == reinterpret_cast<void *>(2) && f && *static_cast<size_t *>(e[1]) != size_t(f->kernel->bytes)) return nullptr;
  }
  return found;
}

}  // namespace

extern "C" {

int hipModuleLoadData(module **m, const void *code) {
  ENTER(" ");
  if (current().devices.empty()) return 100;
  return m ? hip(the().load(hip_device, code, m)) : 1;
}

int hipModuleUnload(module *m) {
  ENTER(" ");
  return hip(the().unload(m));
}

int hipModuleGetFunction(function **f, module *m, const char *name) {
  ENTER("%s", name);
  return f ? hip(the().find(m, name, f)) : 1;
}

int hipModuleLaunchKernel(function *f, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned shared, stream *s,
                          void **params, void **extra) {
  ENTER("%s (%u,%u,%u) (%u,%u,%u) %u %p", f ? f->name.c_str() : "null", gx, gy, gz, bx, by, bz, shared, static_cast<void *>(s));
  const uint32_t grid[] = {gx, gy, gz}, block[] = {bx, by, bz};
  const manner &how = current().devices[size_t(hip_device)].how;
  return hip(the().launch(hip_device, how, f, grid, block, shared, s, arguments(f, params, extra)));
}

}  // extern "C"
