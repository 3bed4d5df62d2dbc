// libamdhip64: what cards there are.
#include <cstring>

#include "hip.h"

using namespace standin;

namespace standin {

thread_local int hip_device = 0;

}  // namespace standin

namespace {

constexpr int no_device = 100, invalid_device = 101;

const device *card(int i) { return i >= 0 && size_t(i) < current().devices.size() ? &current().devices[size_t(i)] : nullptr; }

template <class T>
void put(char *properties, size_t offset, T value) {
  memcpy(properties + offset, &value, sizeof value);
}

// properties fills what both layouts have in the same order, from totalGlobalMem on.
void fill_properties(char *p, const device &d, size_t memory, size_t regs, size_t arch) {
  snprintf(p, 256, "Stand-in %s", d.arch.c_str());
  put(p, memory, uint64_t(d.memory));
  put(p, memory + 8, uint64_t(d.how.shared));
  put(p, regs, 65536);
  put(p, regs + 4, d.how.wave);
  snprintf(p + arch, 256, "%s%s", d.arch.c_str(), d.arch.rfind("gfx9", 0) == 0 ? ":sramecc+:xnack-" : "");
}

}  // namespace

extern "C" {

int hipInit(unsigned flags) {
  read_again();
  the().forget_failure();
  ENTER("%u", flags);
  if (flags) return 1;
  return current().devices.empty() ? no_device : 0;
}

int hipRuntimeGetVersion(int *version) {
  ENTER(" ");
  if (!version) return 1;
  *version = 60342134;  // 6.3.42134
  return 0;
}

int hipDriverGetVersion(int *version) {
  ENTER(" ");
  if (!version) return 1;
  *version = 60342134;
  return 0;
}

int hipGetDeviceCount(int *count) {
  ENTER(" ");
  if (!count) return 1;
  *count = int(current().devices.size());
  return *count ? 0 : no_device;
}

int hipSetDevice(int i) {
  ENTER("%d", i);
  if (!card(i)) return invalid_device;
  hip_device = i;
  return 0;
}

int hipGetDevice(int *i) {
  ENTER(" ");
  if (!i) return 1;
  *i = hip_device;
  return 0;
}

int hipDeviceGet(int *handle, int i) {
  ENTER("%d", i);
  if (!card(i)) return invalid_device;
  *handle = i;
  return 0;
}

int hipDeviceGetName(char *name, int bytes, int i) {
  ENTER("%d", i);
  if (!card(i)) return invalid_device;
  snprintf(name, size_t(bytes), "Stand-in %s", card(i)->arch.c_str());
  return 0;
}

int hipDeviceGetPCIBusId(char *id, int bytes, int i) {
  ENTER("%d", i);
  if (!card(i)) return invalid_device;
  snprintf(id, size_t(bytes), "0000:%02x:00.0", 3 + i);
  return 0;
}

int hipDeviceTotalMem(size_t *bytes, int i) {
  ENTER("%d", i);
  if (!card(i)) return invalid_device;
  *bytes = card(i)->memory;
  return 0;
}

int hipDeviceGetAttribute(int *value, int attribute, int i) {
  ENTER("%d %d", attribute, i);
  if (!card(i)) return invalid_device;
  switch (attribute) {
    case 5: *value = 2394000; return 0;    // clock, kHz
    case 16: *value = card(i)->integrated; return 0;
    case 19: *value = 6 << 20; return 0;   // L2
    case 23: *value = 11; return 0;        // compute capability
    case 61: *value = 0; return 0;
    case 56: *value = 1024; return 0;      // lanes of a block
    case 59: *value = 320; return 0;       // memory bus, bits
    case 60: *value = 1250000; return 0;   // memory clock, kHz
    case 63: *value = 42; return 0;        // multiprocessors
    case 67: *value = 3 + i; return 0;     // PCI bus
    case 68:
    case 69: *value = 0; return 0;
    case 74: *value = int(card(i)->how.shared); return 0;
    case 87: *value = card(i)->how.wave; return 0;
    default: return 1;
  }
}

// Two layouts, 1,472 and 792 bytes, of which the stand-in writes all: a shorter room is overrun as it would be.
int hipGetDevicePropertiesR0600(void *properties, int i) {
  ENTER("%d", i);
  if (!card(i)) return invalid_device;
  memset(properties, 0, 1472);
  fill_properties(static_cast<char *>(properties), *card(i), 288, 304, 1160);
  return 0;
}

int hipGetDeviceProperties(void *properties, int i) {
  ENTER("%d", i);
  if (!card(i)) return invalid_device;
  memset(properties, 0, 792);
  fill_properties(static_cast<char *>(properties), *card(i), 256, 272, 396);
  return 0;
}

int hipDeviceSynchronize(void) {
  ENTER(" ");
  return hip(the().wait());
}

int hipDeviceReset(void) {
  ENTER(" ");
  return hip(the().wait());
}

int hipGetLastError(void) {
  ENTER(" ");
  return hip(the().failed());
}

int hipPeekAtLastError(void) {
  ENTER(" ");
  return hip(the().failed());
}

// The names are asked for when something has gone wrong already, so they do not fail.
const char *hipGetErrorName(int error) {
  switch (error) {
    case 0: return "hipSuccess";
    case 1: return "hipErrorInvalidValue";
    case 2: return "hipErrorOutOfMemory";
    case 3: return "hipErrorNotInitialized";
    case 100: return "hipErrorNoDevice";
    case 101: return "hipErrorInvalidDevice";
    case 200: return "hipErrorInvalidImage";
    case 209: return "hipErrorNoBinaryForGpu";
    case 303: return "hipErrorSharedObjectInitFailed";
    case 400: return "hipErrorInvalidHandle";
    case 500: return "hipErrorNotFound";
    case 600: return "hipErrorNotReady";
    case 700: return "hipErrorIllegalAddress";
    case 719: return "hipErrorLaunchFailure";
    case 801: return "hipErrorNotSupported";
    default: return "hipErrorUnknown";
  }
}

const char *hipGetErrorString(int error) {
  switch (error) {
    case 0: return "no error";
    case 2: return "out of memory";
    case 100: return "no ROCm-capable device is detected";
    case 209: return "no kernel image is available for execution on the device";
    case 719: return "unspecified launch failure";
    default: return hipGetErrorName(error);
  }
}

}  // extern "C"
