// One block at a time: its lanes as fibers, its waves, its shared memory.
#pragma once

#include <csignal>
#include <string>
#include <vector>

#include "launch.h"

namespace standin {

constexpr int most_lanes = 1024, most_wave = 64;

enum class state : uint8_t { fresh, ready, in_wave, at_barrier, done };

struct place {
  const char *what = nullptr, *file = nullptr;
  int line = 0;

  bool operator==(const place &o) const { return line == o.line && std::string(what) == o.what && std::string(file) == o.file; }
};

struct lane : spmd_lane {
  void *context = nullptr;
  char *stack = nullptr;  // its end
  state is = state::fresh;
  place at;  // where it waits
};

// What a lane hands to a wave: a value, or its parts of two matrices and of their sum.
struct hand {
  uint64_t value;
  uint32_t a[8], b[8];
  float c[8];
};

struct wave {
  int first = 0, lanes = 0;
  int arrived = 0;
  uint32_t turn = 0;  // how often all have arrived; a lane is at most one ahead of another
  place at;
  hand hands[2][most_wave];
};

// Shared memory: arrays with a margin behind each, in the order in which lanes came to them.
class shared_memory {
 public:
  shared_memory();
  ~shared_memory();
  // begin forgets all arrays and returns the dynamic one.
  void *begin(uint32_t dynamic, uint32_t limit);
  // find returns null when the card has no more.
  void *find(const void *declaration, const char *name, size_t bytes);
  uint32_t used() const { return used_; }
  // overrun returns the name of an array that was written past its end, or null.
  const char *overrun() const;

 private:
  struct array {
    const void *declaration;
    const char *name;
    char *data;
    size_t bytes;
  };
  char *add(const void *declaration, const char *name, size_t bytes);

  char *memory_;
  size_t at_ = 0;
  uint32_t used_ = 0, limit_ = 0;
  std::vector<array> arrays_;
};

// A worker runs blocks, on one thread at a time.
class worker {
 public:
  worker();
  ~worker();
  // run runs one block and reports whether it went well; if not, it has said so in the launch.
  bool run(launched &l, uint64_t block);

  // What lanes call. They return when the lane may go on.
  void barrier(const place &at);
  void *shared(const void *declaration, const char *name, size_t bytes);
  // meet hands over what fill sets, waits for the wave and returns all that was handed over.
  template <class F>
  const hand *meet(const place &at, F fill);
  int wave_size() const { return size_; }
  const wave &own_wave() const;
  int lane_in_wave() const;

  // fail ends the block; it leaves the running lane for good.
  [[noreturn]] void fail(const std::string &what, outcome result = outcome::failed);
  [[noreturn]] void fail(const std::string &what, const place &at);

  // is_below_stack reports whether an address is on the guard page of the running lane's stack.
  bool is_below_stack(const void *address) const;

  static worker *running();

 private:
  static void enter();
  void wait();
  lane *next();
  void go(lane *to);
  void release_wave(wave &w);
  [[noreturn]] void leave();
  void diagnose_wave(const wave &w);
  void diagnose_barrier();
  char *take_stack();
  void begin(lane &e);
  std::string name_block() const;

  launched *l_ = nullptr;
  spmd_block block_ = {};
  std::vector<lane> lanes_;
  std::vector<wave> waves_;
  std::vector<char *> stacks_, free_;
  void *main_ = nullptr;
  int size_ = 32, count_ = 0, wave_count_ = 0;
  int turn_ = 0, cursor_ = 0;  // the wave that runs, and the lane in it
  int waiting_ = 0, done_ = 0;
  bool good_ = true;
  shared_memory shared_;
};

template <class F>
const hand *worker::meet(const place &at, F fill) {
  auto &self = *static_cast<lane *>(spmd_current);
  wave &w = waves_[self.index / size_];
  if (w.arrived == 0) w.at = at;
  else if (w.at.line != at.line || w.at.what != at.what) {
    if (!(w.at == at)) fail(std::string(at.what) + ", where others of its wave are at " + w.at.what + " (" + w.at.file + ":" + std::to_string(w.at.line) + ")", at);
  }
  hand *hands = w.hands[w.turn & 1];
  fill(hands[self.index - w.first]);
  if (++w.arrived == w.lanes) {
    release_wave(w);
  } else {
    self.is = state::in_wave;
    self.at = at;
    wait();
  }
  return hands;
}

}  // namespace standin
