// What memory holds that nobody wrote.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace standin {

// A NaN as a float32, and each half of it as a bfloat16 and as a float16.
constexpr uint32_t undefined_word = 0x7fa07fa0u;
constexpr char guard_byte = char(0xa5);

inline void fill_undefined(char *data, size_t bytes) {
  size_t i = 0;
  for (; i + 4 <= bytes; i += 4) memcpy(data + i, &undefined_word, 4);
  memcpy(data + i, &undefined_word, bytes - i);
}

}  // namespace standin
