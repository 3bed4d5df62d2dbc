// libcuda: what cards there are, and contexts.
#include "cuda.h"

#include <atomic>
#include <cstdlib>
#include <cstring>

#include "memory.h"

using namespace standin;

namespace {

constexpr int not_initialized = 3, no_device = 100, invalid_device = 101, invalid_context = 201;

std::atomic<bool> initialized{false};
cuda_context contexts[most_devices];
thread_local cuda_context *now = nullptr;

const device *card(int i) { return i >= 0 && size_t(i) < current().devices.size() ? &current().devices[size_t(i)] : nullptr; }

// capability returns 89 for sm_89.
int capability(const device &d) { return atoi(d.sm.c_str() + 3); }

int checked(int i) { return !initialized ? not_initialized : card(i) ? 0 : invalid_device; }

#define CHECKED(i) \
  if (const int refused = checked(i)) return refused

}  // namespace

namespace standin {

int usable(int *device) {
  if (!initialized) return not_initialized;
  if (!now || now->retained == 0) return invalid_context;
  if (device) *device = now->device;
  return 0;
}

}  // namespace standin

namespace {

const bool told = [] {
  has_context = [] { return usable() == 0; };
  return true;
}();

}  // namespace

extern "C" {

int cuInit(unsigned flags) {
  read_again();
  the().forget_failure();
  ENTER("%u", flags);
  if (flags) return 1;
  if (current().devices.empty()) return no_device;
  for (int i = 0; i < most_devices; i++) contexts[i].device = i;
  initialized = true;
  return 0;
}

int cuDriverGetVersion(int *version) {
  ENTER(" ");
  if (!version) return 1;
  *version = 12090;
  return 0;
}

int cuDeviceGetCount(int *count) {
  ENTER(" ");
  if (!initialized) return not_initialized;
  *count = int(current().devices.size());
  return 0;
}

int cuDeviceGet(int *handle, int i) {
  ENTER("%d", i);
  CHECKED(i);
  *handle = i;
  return 0;
}

int cuDeviceGetName(char *name, int bytes, int i) {
  ENTER("%d", i);
  CHECKED(i);
  snprintf(name, size_t(bytes), "Stand-in %s", card(i)->sm.c_str());
  return 0;
}

int cuDeviceTotalMem_v2(size_t *bytes, int i) {
  ENTER("%d", i);
  CHECKED(i);
  *bytes = card(i)->memory;
  return 0;
}

int cuDeviceGetPCIBusId(char *id, int bytes, int i) {
  ENTER("%d", i);
  CHECKED(i);
  snprintf(id, size_t(bytes), "0000:%02x:00.0", 3 + i);
  return 0;
}

int cuDeviceGetAttribute(int *value, int attribute, int i) {
  ENTER("%d %d", attribute, i);
  CHECKED(i);
  switch (attribute) {
    case 1: *value = 1024; return 0;            // lanes of a block
    case 8: *value = 49152; return 0;           // shared memory of a block
    case 10: *value = 32; return 0;             // warp
    case 13: *value = 2520000; return 0;        // clock, kHz
    case 16: *value = 76; return 0;             // multiprocessors
    case 18: *value = card(i)->integrated; return 0;
    case 33: *value = 3 + i; return 0;          // PCI bus
    case 34:
    case 50: *value = 0; return 0;
    case 36: *value = 11251000; return 0;       // memory clock, kHz
    case 37: *value = 256; return 0;            // memory bus, bits
    case 38: *value = 48 << 20; return 0;       // L2
    case 75: *value = capability(*card(i)) / 10; return 0;
    case 76: *value = capability(*card(i)) % 10; return 0;
    case 97: *value = int(card(i)->how.shared); return 0;  // shared memory of a block that asks for it
    default: return 1;
  }
}

int cuDevicePrimaryCtxRetain(cuda_context **c, int i) {
  ENTER("%d", i);
  CHECKED(i);
  *c = &contexts[i];
  contexts[i].retained++;
  return 0;
}

int cuDevicePrimaryCtxRelease_v2(int i) {
  ENTER("%d", i);
  CHECKED(i);
  if (contexts[i].retained == 0) return invalid_context;
  contexts[i].retained--;
  return 0;
}

int cuCtxSetCurrent(cuda_context *c) {
  ENTER("%p", static_cast<void *>(c));
  if (!initialized) return not_initialized;
  if (c && (c < contexts || c >= contexts + most_devices || c->retained == 0)) return invalid_context;
  now = c;
  return 0;
}

int cuCtxGetCurrent(cuda_context **c) {
  ENTER(" ");
  if (!initialized) return not_initialized;
  *c = now;
  return 0;
}

int cuCtxSynchronize(void) {
  ENTER(" ");
  USABLE(device);
  return cuda(the().wait());
}

int cuGetErrorName(int error, const char **name) {
  switch (error) {
    case 0: *name = "CUDA_SUCCESS"; return 0;
    case 1: *name = "CUDA_ERROR_INVALID_VALUE"; return 0;
    case 2: *name = "CUDA_ERROR_OUT_OF_MEMORY"; return 0;
    case 3: *name = "CUDA_ERROR_NOT_INITIALIZED"; return 0;
    case 100: *name = "CUDA_ERROR_NO_DEVICE"; return 0;
    case 101: *name = "CUDA_ERROR_INVALID_DEVICE"; return 0;
    case 200: *name = "CUDA_ERROR_INVALID_IMAGE"; return 0;
    case 201: *name = "CUDA_ERROR_INVALID_CONTEXT"; return 0;
    case 209: *name = "CUDA_ERROR_NO_BINARY_FOR_GPU"; return 0;
    case 400: *name = "CUDA_ERROR_INVALID_HANDLE"; return 0;
    case 500: *name = "CUDA_ERROR_NOT_FOUND"; return 0;
    case 600: *name = "CUDA_ERROR_NOT_READY"; return 0;
    case 700: *name = "CUDA_ERROR_ILLEGAL_ADDRESS"; return 0;
    case 719: *name = "CUDA_ERROR_LAUNCH_FAILED"; return 0;
    case 801: *name = "CUDA_ERROR_NOT_SUPPORTED"; return 0;
    case 999: *name = "CUDA_ERROR_UNKNOWN"; return 0;
    default: *name = nullptr; return 1;
  }
}

int cuGetErrorString(int error, const char **text) {
  switch (error) {
    case 2: *text = "out of memory"; return 0;
    case 100: *text = "no CUDA-capable device is detected"; return 0;
    case 719: *text = "unspecified launch failure"; return 0;
    default: return cuGetErrorName(error, text);
  }
}

}  // extern "C"
