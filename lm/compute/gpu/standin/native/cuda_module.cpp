// libcuda: kernels.
#include "cuda.h"

using namespace standin;

namespace {

constexpr int max_dynamic_shared = 8;
constexpr uint32_t dynamic_unless_asked = 49152;

}  // namespace

extern "C" {

int cuModuleLoadData(module **m, const void *code) {
  ENTER(" ");
  USABLE(device);
  return m ? cuda(the().load(device, code, m)) : 1;
}

int cuModuleLoadDataEx(module **m, const void *code, unsigned count, int *options, void **values) {
  ENTER("%u", count);
  USABLE(device);
  if (count > 0 && (!options || !values)) return 1;
  return m ? cuda(the().load(device, code, m)) : 1;
}

int cuModuleUnload(module *m) {
  ENTER(" ");
  USABLE(device);
  return cuda(the().unload(m));
}

int cuModuleGetFunction(function **f, module *m, const char *name) {
  ENTER("%s", name);
  USABLE(device);
  if (!f) return 1;
  const int error = cuda(the().find(m, name, f));
  if (!error) (*f)->dynamic_limit = dynamic_unless_asked;
  return error;
}

int cuFuncSetAttribute(function *f, int attribute, int value) {
  ENTER("%s %d %d", f ? f->name.c_str() : "null", attribute, value);
  USABLE(device);
  if (!f) return 400;
  if (attribute != max_dynamic_shared) return 0;
  if (value < 0 || uint32_t(value) > current().devices[size_t(device)].how.shared) return 1;
  f->dynamic_limit = uint32_t(value);
  return 0;
}

int cuLaunchKernel(function *f, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned shared, stream *s,
                   void **params, void **extra) {
  ENTER("%s (%u,%u,%u) (%u,%u,%u) %u %p", f ? f->name.c_str() : "null", gx, gy, gz, bx, by, bz, shared, static_cast<void *>(s));
  USABLE(device);
  if (!f) return 400;
  const void *args = params ? params[0] : extra ? extra[1] : nullptr;
  const uint32_t grid[] = {gx, gy, gz}, block[] = {bx, by, bz};
  manner how = current().devices[size_t(device)].how;
  how.wave = 32;
  return cuda(the().launch(device, how, f, grid, block, shared, s, args));
}

}  // extern "C"
