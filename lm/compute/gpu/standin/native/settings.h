// What the environment says that the card is. doc.go has the names and what they mean.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "launch.h"

namespace standin {

// One card of the machine.
struct device {
  std::string arch, sm;  // what HIP and what CUDA calls it: gfx1100, sm_89
  uint64_t memory;
  bool integrated;
  manner how;  // with HIP's wave; CUDA's is 32
};

struct settings {
  std::vector<device> devices;
  bool late;         // work is done when somebody waits for it
  bool mixed;        // products of bfloat16 or float16 may give float32
  bool tensile;      // rocBLAS finds its kernels
  std::string log;   // a file, or nothing
  std::string fault;
};

// current returns the settings. They are read when they are first wanted, and again by read_again, which forgets how often
// functions were called.
const settings &current();
void read_again();

}  // namespace standin
