// The card's memory: pages of the host, with pages before and behind that may not be touched. An allocation ends as near to
// the page behind as its alignment allows, and what lies between holds a pattern that is checked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace standin {

// allocate returns null if limit bytes are exceeded. The memory is aligned to 256 bytes and holds NaN.
void *allocate(size_t bytes, uint64_t limit);
// release returns false if p is no allocation. overrun tells of writes before or behind it.
bool release(void *p, std::string &overrun);
// contains reports whether [p, p+bytes) lies in one allocation.
bool contains(const void *p, size_t bytes);
uint64_t allocated();
// overruns tells of writes beside any allocation, or is empty.
std::string overruns();
// describe_address says beside or in which allocation an address is, or nothing.
std::string describe_address(const void *p);

}  // namespace standin
