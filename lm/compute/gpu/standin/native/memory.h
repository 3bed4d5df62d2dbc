// The card's memory: pages of the host, with pages before and behind that may not be touched. An allocation ends as near to
// the page behind as its alignment allows, and what lies between holds a pattern that is checked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace standin {

// Devices have their numbers; what belongs to none is host.
constexpr int host = -1, most_devices = 16;

// allocate returns null if the device would have more than limit bytes. The memory is aligned to 256 bytes and holds NaN.
void *allocate(int device, size_t bytes, uint64_t limit);
// release returns false if p is no allocation, of a device or of the host. overrun tells of writes before or behind it.
bool release(bool of_host, void *p, std::string &overrun);
// contains reports whether [p, p+bytes) lies in one allocation of a device.
bool contains(const void *p, size_t bytes);
uint64_t allocated(int device);
// overruns tells, once, of writes beside an allocation, or is empty.
std::string overruns();
// describe_address says beside or in which allocation an address is, or nothing.
std::string describe_address(const void *p);

}  // namespace standin
