#include "memory.h"

#include <sys/mman.h>

#include <map>
#include <mutex>

#include "pattern.h"

namespace standin {

namespace {

constexpr size_t page = 4096, alignment = 256;

struct allocation {
  char *mapped;
  size_t mapped_bytes, bytes;
  int device;
};

std::mutex mutex;
std::map<const char *, allocation> &allocations() {
  static auto *all = new std::map<const char *, allocation>;  // threads may outlive destructors
  return *all;
}
uint64_t totals[most_devices + 1];  // the host's first

// find returns the last allocation that begins at or before p.
const std::pair<const char *const, allocation> *find(const void *p) {
  auto &all = allocations();
  auto i = all.upper_bound(static_cast<const char *>(p));
  if (i == all.begin()) return nullptr;
  return &*--i;
}

std::string name(const char *at, const allocation &a) {
  char text[96];
  snprintf(text, sizeof text, "the allocation of %zu bytes at %p", a.bytes, static_cast<const void *>(at));
  return text;
}

// check looks at most `reach` bytes before the allocation, and at all behind it, which are fewer than its alignment.
std::string check(const char *at, const allocation &a, ptrdiff_t reach) {
  const char *low = a.mapped + page, *high = a.mapped + a.mapped_bytes - page;
  if (at - low > reach) low = at - reach;
  for (const char *p = at - 1; p >= low; p--) {
    if (*p != guard_byte) return std::to_string(at - p) + " bytes before " + name(at, a) + " something was written";
  }
  for (const char *p = at + a.bytes; p < high; p++) {
    if (*p != guard_byte) return std::to_string(p - at - a.bytes) + " bytes behind " + name(at, a) + " something was written";
  }
  return "";
}

void fill_margins(const char *at, const allocation &a) {
  char *low = a.mapped + page, *high = a.mapped + a.mapped_bytes - page, *begin = const_cast<char *>(at);
  memset(low, guard_byte, size_t(begin - low));
  memset(begin + a.bytes, guard_byte, size_t(high - begin) - a.bytes);
}

}  // namespace

void *allocate(int device, size_t bytes, uint64_t limit) {
  std::lock_guard<std::mutex> lock(mutex);
  uint64_t &total = totals[device + 1];
  if (bytes > limit || total + bytes > limit) return nullptr;
  const size_t inner = (bytes + page - 1) / page * page, whole = inner + 2 * page;
  void *mapped = mmap(nullptr, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED) return nullptr;
  char *low = static_cast<char *>(mapped) + page, *high = low + inner;
  mprotect(mapped, page, PROT_NONE);
  mprotect(high, page, PROT_NONE);
  char *at = high - (bytes + alignment - 1) / alignment * alignment;
  const allocation &a = allocations()[at] = {static_cast<char *>(mapped), whole, bytes, device};
  fill_margins(at, a);
  fill_undefined(at, bytes);
  total += bytes;
  return at;
}

bool release(bool of_host, void *p, std::string &overrun) {
  std::lock_guard<std::mutex> lock(mutex);
  auto i = allocations().find(static_cast<char *>(p));
  if (i == allocations().end() || (i->second.device == host) != of_host) return false;
  overrun = check(i->first, i->second, page);
  munmap(i->second.mapped, i->second.mapped_bytes);
  totals[i->second.device + 1] -= i->second.bytes;
  allocations().erase(i);
  return true;
}

bool contains(const void *p, size_t bytes) {
  std::lock_guard<std::mutex> lock(mutex);
  const auto *a = find(p);
  return a && a->second.device != host && bytes <= a->second.bytes && size_t(static_cast<const char *>(p) - a->first) <= a->second.bytes - bytes;
}

uint64_t allocated(int device) {
  std::lock_guard<std::mutex> lock(mutex);
  return totals[device + 1];
}

std::string overruns() {
  std::lock_guard<std::mutex> lock(mutex);
  for (const auto &[at, a] : allocations()) {
    std::string text = check(at, a, 64);
    if (text.empty()) continue;
    fill_margins(at, a);  // it is told once
    return text;
  }
  return "";
}

std::string describe_address(const void *p) {
  std::lock_guard<std::mutex> lock(mutex);
  const char *c = static_cast<const char *>(p);
  if (c < reinterpret_cast<const char *>(page)) return ", a null pointer";
  if (const auto *a = find(p); a && c < a->second.mapped + a->second.mapped_bytes) {
    return ", " + std::to_string(c - a->first - int64_t(a->second.bytes)) + " bytes behind " + name(a->first, a->second);
  }
  auto i = allocations().upper_bound(c);
  if (i != allocations().end() && c >= i->second.mapped) return ", " + std::to_string(i->first - c) + " bytes before " + name(i->first, i->second);
  return "";
}

}  // namespace standin
