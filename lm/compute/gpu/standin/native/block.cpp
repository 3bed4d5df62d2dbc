#include "block.h"

#include <sys/mman.h>

#include <cstdlib>

#include "fiber.h"

__thread spmd_lane *spmd_current = nullptr;

namespace standin {

namespace {

__thread worker *running_worker __attribute__((tls_model("initial-exec"))) = nullptr;

// So many stacks are made at once.
constexpr int slab = 32;
constexpr size_t stride = stack_bytes + guard_bytes;

}  // namespace

worker *worker::running() { return running_worker; }

worker::worker() : lanes_(most_lanes), waves_(most_lanes / 32) {}

worker::~worker() {
  for (size_t i = 0; i < stacks_.size(); i += slab) munmap(stacks_[i] - stride, slab * stride);
}

char *worker::take_stack() {
  if (free_.empty()) {
    void *memory = mmap(nullptr, slab * stride, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) abort();
    for (int i = 0; i < slab; i++) {
      char *low = static_cast<char *>(memory) + i * stride;
      mprotect(low, guard_bytes, PROT_NONE);
      stacks_.push_back(low + stride);
      free_.push_back(low + stride);
    }
  }
  char *stack = free_.back();
  free_.pop_back();
  return stack;
}

void worker::begin(lane &e) {
  e.is = state::ready;
  e.stack = take_stack();
  // Tops lie at different places of a page, or all would share a few lines of the cache.
  e.context = prepare(e.stack - size_t(e.index) % 21 * 192, enter);
}

bool worker::run(launched &l, uint64_t number) {
  const call &c = l.c;
  l_ = &l;
  size_ = l.m.wave;
  count_ = int(c.block[0]);
  wave_count_ = (count_ + size_ - 1) / size_;
  block_.lanes = count_;
  for (int d = 0; d < 3; d++) {
    block_.index[d] = int(number % c.grid[d]);
    block_.grid[d] = int(c.grid[d]);
    number /= c.grid[d];
  }
  block_.dynamic = shared_.begin(c.shared, l.m.shared);
  for (int i = 0; i < count_; i++) {
    lane &e = lanes_[i];
    e.index = i;
    e.block = &block_;
    e.is = state::fresh;
    e.stack = nullptr;
  }
  for (int i = 0; i < wave_count_; i++) {
    waves_[i].first = i * size_;
    waves_[i].lanes = count_ - i * size_ < size_ ? count_ - i * size_ : size_;
    waves_[i].arrived = 0;
  }
  turn_ = 0, cursor_ = 0, waiting_ = 0, done_ = 0, good_ = true;

  worker *before = running_worker;
  running_worker = this;
  lane *first = next();
  begin(*first);
  spmd_current = first;
  standin_switch(&main_, first->context);
  spmd_current = nullptr;
  running_worker = before;

  if (good_) {
    if (const char *name = shared_.overrun()) {
      good_ = false;
      std::lock_guard<std::mutex> lock(l.mutex);
      if (l.result == outcome::ok) {
        l.result = outcome::failed;
        l.text = name_block() + ": shared memory behind " + name + " was written";
      }
    }
  }
  return good_;
}

// enter is where stacks start. A lane that never waits leaves its stack to the next one.
void worker::enter() {
  worker &w = *running_worker;
  for (;;) {
    auto *self = static_cast<lane *>(spmd_current);
    w.l_->c.kernel->run(w.l_->c.args);
    self->is = state::done;
    w.done_++;
    lane *to = w.next();
    if (!to) w.leave();
    char *stack = self->stack;
    self->stack = nullptr;
    spmd_current = to;
    if (to->is == state::fresh) {
      to->is = state::ready;
      to->stack = stack;
      continue;
    }
    w.free_.push_back(stack);
    void *forgotten;
    standin_switch(&forgotten, to->context);
  }
}

// leave goes back to run, from whichever lane.
void worker::leave() {
  for (int i = 0; i < count_; i++) {
    if (lanes_[i].stack) free_.push_back(lanes_[i].stack);
    lanes_[i].stack = nullptr;
  }
  void *forgotten;
  standin_switch(&forgotten, main_);
  abort();
}

// next returns the lane that runs next, or null if all have returned. A wave runs until each of its lanes waits for others.
lane *worker::next() {
  const auto &order = l_->lanes;
  for (;;) {
    wave &w = waves_[l_->waves[turn_]];
    for (int i = 0; i < size_; i++) {
      const int at = int(order[cursor_]);
      cursor_ = cursor_ + 1 == size_ ? 0 : cursor_ + 1;
      if (at >= w.lanes) continue;
      lane &e = lanes_[w.first + at];
      if (e.is <= state::ready) return &e;
    }
    if (w.arrived) diagnose_wave(w);
    cursor_ = 0;
    if (++turn_ < wave_count_) continue;
    turn_ = 0;
    if (waiting_ == 0) return nullptr;
    if (waiting_ < count_) diagnose_barrier();
    const place &at = lanes_[0].at;
    for (int i = 0; i < count_; i++) {
      const lane &e = lanes_[i];
      if ((e.at.line != at.line || e.at.file != at.file) && !(e.at == at)) diagnose_barrier();
    }
    for (int i = 0; i < count_; i++) lanes_[i].is = state::ready;
    waiting_ = 0;
  }
}

void worker::wait() {
  auto *self = static_cast<lane *>(spmd_current);
  lane *to = next();
  if (to != self) go(to);
}

void worker::go(lane *to) {
  auto *self = static_cast<lane *>(spmd_current);
  spmd_current = to;
  if (to->is == state::fresh) begin(*to);
  standin_switch(&self->context, to->context);
}

void worker::release_wave(wave &w) {
  w.arrived = 0;
  w.turn++;
  for (int i = 0; i < w.lanes; i++) {
    lane &e = lanes_[w.first + i];
    if (e.is == state::in_wave) e.is = state::ready;
  }
}

void worker::barrier(const place &at) {
  auto &self = *static_cast<lane *>(spmd_current);
  self.is = state::at_barrier;
  self.at = at;
  waiting_++;
  wait();
}

void *worker::shared(const void *declaration, const char *name, size_t bytes) {
  if (void *data = shared_.find(declaration, name, bytes)) return data;
  fail(std::string("with ") + name + ", the block uses " + std::to_string(shared_.used() + bytes) + " bytes of shared memory of " +
       std::to_string(l_->m.shared));
}

const wave &worker::own_wave() const { return waves_[spmd_current->index / size_]; }

int worker::lane_in_wave() const { return spmd_current->index % size_; }

}  // namespace standin
