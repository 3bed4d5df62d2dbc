// libcuda: memory. An address on the card is a number.
#include "cuda.h"

using namespace standin;

namespace {

using address = unsigned long long;

void *pointer(address a) { return reinterpret_cast<void *>(a); }

}  // namespace

extern "C" {

int cuMemAlloc_v2(address *p, size_t bytes) {
  ENTER("%zu", bytes);
  USABLE(device);
  if (!p || bytes == 0) return 1;
  void *memory = nullptr;
  const int error = cuda(the().allocate(device, &memory, bytes));
  *p = reinterpret_cast<address>(memory);
  return error;
}

int cuMemFree_v2(address p) {
  ENTER("%#llx", p);
  USABLE(device);
  return p ? cuda(the().release(pointer(p))) : 0;
}

int cuMemHostAlloc(void **p, size_t bytes, unsigned flags) {
  ENTER("%zu %u", bytes, flags);
  USABLE(device);
  if (!p || bytes == 0) return 1;
  return cuda(the().allocate_host(p, bytes));
}

int cuMemAllocHost_v2(void **p, size_t bytes) {
  ENTER("%zu", bytes);
  USABLE(device);
  if (!p || bytes == 0) return 1;
  return cuda(the().allocate_host(p, bytes));
}

int cuMemFreeHost(void *p) {
  ENTER("%p", p);
  USABLE(device);
  return cuda(the().release_host(p));
}

int cuMemGetInfo_v2(size_t *free, size_t *total) {
  ENTER(" ");
  USABLE(device);
  if (!free || !total) return 1;
  *free = the().free_memory(device);
  *total = current().devices[size_t(device)].memory;
  return 0;
}

int cuMemcpyHtoD_v2(address dst, const void *src, size_t bytes) {
  ENTER("%#llx %p %zu", dst, src, bytes);
  USABLE(device);
  return cuda(the().copy(pointer(dst), src, bytes, direction::to_card, nullptr, true));
}

int cuMemcpyDtoH_v2(void *dst, address src, size_t bytes) {
  ENTER("%p %#llx %zu", dst, src, bytes);
  USABLE(device);
  return cuda(the().copy(dst, pointer(src), bytes, direction::from_card, nullptr, true));
}

int cuMemcpyDtoD_v2(address dst, address src, size_t bytes) {
  ENTER("%#llx %#llx %zu", dst, src, bytes);
  USABLE(device);
  return cuda(the().copy(pointer(dst), pointer(src), bytes, direction::on_card, nullptr, true));
}

int cuMemcpyHtoDAsync_v2(address dst, const void *src, size_t bytes, stream *s) {
  ENTER("%#llx %p %zu %p", dst, src, bytes, static_cast<void *>(s));
  USABLE(device);
  return cuda(the().copy(pointer(dst), src, bytes, direction::to_card, s, false));
}

int cuMemcpyDtoHAsync_v2(void *dst, address src, size_t bytes, stream *s) {
  ENTER("%p %#llx %zu %p", dst, src, bytes, static_cast<void *>(s));
  USABLE(device);
  return cuda(the().copy(dst, pointer(src), bytes, direction::from_card, s, false));
}

int cuMemcpyDtoDAsync_v2(address dst, address src, size_t bytes, stream *s) {
  ENTER("%#llx %#llx %zu %p", dst, src, bytes, static_cast<void *>(s));
  USABLE(device);
  return cuda(the().copy(pointer(dst), pointer(src), bytes, direction::on_card, s, false));
}

int cuMemsetD8_v2(address dst, unsigned char value, size_t bytes) {
  ENTER("%#llx %d %zu", dst, value, bytes);
  USABLE(device);
  return cuda(the().fill(pointer(dst), value, 1, bytes, nullptr, true));
}

int cuMemsetD8Async(address dst, unsigned char value, size_t bytes, stream *s) {
  ENTER("%#llx %d %zu %p", dst, value, bytes, static_cast<void *>(s));
  USABLE(device);
  return cuda(the().fill(pointer(dst), value, 1, bytes, s, false));
}

int cuMemsetD32Async(address dst, unsigned value, size_t count, stream *s) {
  ENTER("%#llx %u %zu %p", dst, value, count, static_cast<void *>(s));
  USABLE(device);
  return cuda(the().fill(pointer(dst), value, 4, count, s, false));
}

}  // extern "C"
