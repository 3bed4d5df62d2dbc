#include <sys/mman.h>

#include <cstdlib>
#include <cstring>

#include "block.h"
#include "pattern.h"

namespace standin {

namespace {

constexpr size_t margin = 64, room = 1 << 20;

size_t rounded(size_t bytes) { return (bytes + 63) / 64 * 64; }

}  // namespace

shared_memory::shared_memory() {
  void *memory = mmap(nullptr, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) abort();
  memory_ = static_cast<char *>(memory);
}

shared_memory::~shared_memory() { munmap(memory_, room); }

void *shared_memory::begin(uint32_t dynamic, uint32_t limit) {
  at_ = margin;
  used_ = 0;
  limit_ = limit;
  arrays_.clear();
  return dynamic ? add(nullptr, "the dynamic array", dynamic) : nullptr;
}

char *shared_memory::add(const void *declaration, const char *name, size_t bytes) {
  char *data = memory_ + at_;
  // The margin begins where the array ends, which need not be at the end of a line.
  const size_t whole = rounded(bytes) + margin;
  fill_undefined(data, bytes);
  memset(data + bytes, guard_byte, whole - bytes);
  arrays_.push_back({declaration, name, data, bytes});
  at_ += whole;
  used_ += uint32_t(bytes);
  return data;
}

void *shared_memory::find(const void *declaration, const char *name, size_t bytes) {
  for (const array &a : arrays_) {
    if (a.declaration == declaration) return a.data;
  }
  if (used_ + bytes > limit_ || at_ + rounded(bytes) + margin > room) return nullptr;
  return add(declaration, name, bytes);
}

const char *shared_memory::overrun() const {
  for (const array &a : arrays_) {
    for (const char *p = a.data + a.bytes; p < a.data + rounded(a.bytes) + margin; p++) {
      if (*p != guard_byte) return a.name;
    }
  }
  return nullptr;
}

}  // namespace standin
