// A launch and what can be wrong with it.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "abi.h"

namespace standin {

// What a launch is refused for, or ends with. The vendors' numbers are in the files that have their names.
enum class outcome { ok, invalid_value, bad_address, failed };

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
