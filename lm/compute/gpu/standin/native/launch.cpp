#include "launch.h"

#include <numeric>
#include <thread>

#include "block.h"
#include "trap.h"

namespace standin {

namespace {

// Workers that have nothing to do: each has stacks for all lanes, which are not made anew for each launch. They are never
// deleted, for threads may outlive destructors.
struct idle_workers {
  std::mutex mutex;
  std::vector<worker *> workers;
};

idle_workers &idle() {
  static auto *all = new idle_workers;
  return *all;
}

worker *take_worker() {
  std::lock_guard<std::mutex> lock(idle().mutex);
  auto &workers = idle().workers;
  if (workers.empty()) return new worker;
  worker *w = workers.back();
  workers.pop_back();
  return w;
}

void give_worker(worker *w) {
  std::lock_guard<std::mutex> lock(idle().mutex);
  idle().workers.push_back(w);
}

// splitmix64 (Steele, Lea and Flood 2014).
uint64_t draw(uint64_t &state) {
  uint64_t z = state += 0x9e3779b97f4a7c15u;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return z ^ z >> 31;
}

// order returns 0 to n-1, shuffled if the seed is not 0.
std::vector<uint32_t> order(uint64_t n, uint64_t seed, uint64_t stream) {
  std::vector<uint32_t> v(n);
  std::iota(v.begin(), v.end(), 0);
  if (seed == 0) return v;
  uint64_t state = seed ^ stream << 32;
  for (uint64_t i = n; i > 1; i--) std::swap(v[i - 1], v[draw(state) % i]);
  return v;
}

std::string dimensions(const uint32_t *d) { return "(" + std::to_string(d[0]) + "," + std::to_string(d[1]) + "," + std::to_string(d[2]) + ")"; }

void work(launched &l) {
  worker *w = take_worker();
  for (uint64_t i; !l.stop && (i = l.next++) < l.count;) {
    if (!w->run(l, l.blocks.empty() ? i : l.blocks[i])) l.stop = true;
  }
  give_worker(w);
}

// help is work on a thread of our own. Signals are the business of the threads that were there before.
void help(launched *l) {
  char stack[signal_stack_bytes];
  enter_thread(stack, sizeof stack);
  work(*l);
}

}  // namespace

std::string refuse(const call &c, const manner &m) {
  const uint64_t lanes = uint64_t(c.block[0]) * c.block[1] * c.block[2];
  if (c.grid[0] == 0 || c.grid[1] == 0 || c.grid[2] == 0 || lanes == 0) {
    return "grid " + dimensions(c.grid) + " of blocks " + dimensions(c.block) + " is empty";
  }
  if (c.grid[0] > 0x7fffffffu || c.grid[1] > 65535 || c.grid[2] > 65535) {
    return "grid " + dimensions(c.grid) + ": y and z end at 65,535, x at 2,147,483,647";
  }
  if (c.block[1] != 1 || c.block[2] != 1) return "block " + dimensions(c.block) + ": blocks of the dialect have one dimension";
  if (lanes > most_lanes) return "block of " + std::to_string(lanes) + " lanes, most is 1,024";
  if (int64_t(lanes) > c.kernel->threads) {
    return "block of " + std::to_string(lanes) + " lanes of a kernel that is for " + std::to_string(c.kernel->threads);
  }
  if (c.shared > m.shared) return std::to_string(c.shared) + " bytes of dynamic shared memory of " + std::to_string(m.shared);
  if (c.kernel->wave != m.wave) {
    return "compiled for waves of " + std::to_string(c.kernel->wave) + " lanes, the card has " + std::to_string(m.wave);
  }
  return "";
}

outcome launch(const call &c, const manner &m, std::string &text) {
  const std::string why = refuse(c, m);
  if (!why.empty()) {
    text = "kernel " + c.name + ": " + why;
    return outcome::invalid_value;
  }
  catch_faults();

  launched l(c, m);
  l.lanes = order(uint64_t(m.wave), m.seed, 1);
  l.waves = order((c.block[0] + uint64_t(m.wave) - 1) / uint64_t(m.wave), m.seed, 2);
  l.count = uint64_t(c.grid[0]) * c.grid[1] * c.grid[2];
  if (m.seed != 0) l.blocks = order(l.count, m.seed, 3);

  std::vector<std::thread> threads;
  for (int i = 1; i < m.threads && uint64_t(i) < l.count; i++) threads.emplace_back(help, &l);
  work(l);
  for (auto &t : threads) t.join();
  text = l.text;
  return l.result;
}

}  // namespace standin
