// libamdhip64: memory.
#include "hip.h"

using namespace standin;

namespace {

constexpr int invalid_direction = 21;

// direction_of returns false for what is none of hipMemcpyKind.
bool direction_of(int kind, direction &d) {
  constexpr direction all[] = {direction::on_host, direction::to_card, direction::from_card, direction::on_card, direction::either};
  if (kind < 0 || kind > 4) return false;
  d = all[kind];
  return true;
}

}  // namespace

extern "C" {

int hipMalloc(void **p, size_t bytes) {
  ENTER("%zu", bytes);
  if (!p) return 1;
  *p = nullptr;
  if (current().devices.empty()) return 100;
  return bytes ? hip(the().allocate(hip_device, p, bytes)) : 0;
}

int hipFree(void *p) {
  ENTER("%p", p);
  return p ? hip(the().release(p)) : hip(the().wait());
}

int hipHostMalloc(void **p, size_t bytes, unsigned flags) {
  ENTER("%zu %u", bytes, flags);
  if (!p) return 1;
  *p = nullptr;
  return bytes ? hip(the().allocate_host(p, bytes)) : 0;
}

int hipHostFree(void *p) {
  ENTER("%p", p);
  return p ? hip(the().release_host(p)) : 0;
}

int hipMemGetInfo(size_t *free, size_t *total) {
  ENTER(" ");
  if (!free || !total) return 1;
  if (current().devices.empty()) return 100;
  *free = the().free_memory(hip_device);
  *total = current().devices[size_t(hip_device)].memory;
  return 0;
}

int hipMemcpy(void *dst, const void *src, size_t bytes, int kind) {
  ENTER("%p %p %zu %d", dst, src, bytes, kind);
  direction d;
  return direction_of(kind, d) ? hip(the().copy(dst, src, bytes, d, nullptr, true)) : invalid_direction;
}

int hipMemcpyAsync(void *dst, const void *src, size_t bytes, int kind, stream *s) {
  ENTER("%p %p %zu %d %p", dst, src, bytes, kind, static_cast<void *>(s));
  direction d;
  return direction_of(kind, d) ? hip(the().copy(dst, src, bytes, d, s, false)) : invalid_direction;
}

int hipMemcpyWithStream(void *dst, const void *src, size_t bytes, int kind, stream *s) {
  ENTER("%p %p %zu %d %p", dst, src, bytes, kind, static_cast<void *>(s));
  direction d;
  return direction_of(kind, d) ? hip(the().copy(dst, src, bytes, d, s, true)) : invalid_direction;
}

int hipMemset(void *dst, int value, size_t bytes) {
  ENTER("%p %d %zu", dst, value, bytes);
  return hip(the().fill(dst, uint32_t(value), 1, bytes, nullptr, true));
}

int hipMemsetAsync(void *dst, int value, size_t bytes, stream *s) {
  ENTER("%p %d %zu %p", dst, value, bytes, static_cast<void *>(s));
  return hip(the().fill(dst, uint32_t(value), 1, bytes, s, false));
}

int hipMemsetD32Async(void *dst, int value, size_t count, stream *s) {
  ENTER("%p %d %zu %p", dst, value, count, static_cast<void *>(s));
  return hip(the().fill(dst, uint32_t(value), 4, count, s, false));
}

}  // extern "C"
