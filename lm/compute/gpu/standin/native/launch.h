// A launch and what can be wrong with it.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "abi.h"

namespace standin {

// What a call is refused for, or ends with. The vendors' numbers are in the files that have their names.
enum class outcome {
  ok,
  invalid_value,
  bad_address,  // a kernel, or a product, left its memory
  failed,       // a kernel did what it may not do
  no_memory,
  bad_handle,
  not_found,
  bad_image,
  wrong_arch,
  not_ready,
};

// Limits of a card, and how a launch goes through blocks and lanes.
struct manner {
  int wave = 32;
  uint64_t seed = 0;  // 0: in the order of their numbers
  int threads = 1;    // of the processor, that blocks are dealt to
  uint32_t shared = 65536;
};

struct call {
  const spmd_kernel *kernel;
  std::string name;
  uint32_t grid[3], block[3];
  uint32_t shared;
  const void *args;
};

// refuse says why a card would not even start, or nothing.
std::string refuse(const call &c, const manner &m);

// launch runs all blocks. If they fail, text says what went wrong where.
outcome launch(const call &c, const manner &m, std::string &text);

// A launch in progress.
struct launched {
  launched(const call &c, const manner &m) : c(c), m(m) {}

  const call &c;
  const manner &m;
  std::vector<uint32_t> lanes;   // the order of a wave's lanes
  std::vector<uint32_t> waves;   // and of a block's waves
  std::vector<uint32_t> blocks;  // empty: by their numbers
  uint64_t count = 0;
  std::atomic<uint64_t> next{0};
  std::atomic<bool> stop{false};

  std::mutex mutex;
  outcome result = outcome::ok;
  std::string text;
};

}  // namespace standin
