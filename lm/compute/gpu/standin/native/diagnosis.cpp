// What a block did wrong, in words.
#include "block.h"
#include "fiber.h"

namespace standin {

namespace {

std::string where(const place &at) { return std::string(at.file) + ":" + std::to_string(at.line); }

std::string doing(const lane &l) {
  const std::string who = "lane " + std::to_string(l.index);
  switch (l.is) {
    case state::done: return who + " has returned";
    case state::in_wave:
    case state::at_barrier: return who + " waits in " + l.at.what + " (" + where(l.at) + ")";
    default: return who + " runs";
  }
}

}  // namespace

void worker::diagnose_wave(const wave &w) {
  const lane *in = nullptr, *out = nullptr;
  for (int i = 0; i < w.lanes; i++) {
    const lane &e = lanes_[w.first + i];
    (e.is == state::in_wave ? in : out) = &e;
  }
  spmd_current = const_cast<lane *>(in);
  fail(std::string(in->at.what) + " without all lanes of its wave: " + doing(*out), in->at);
}

void worker::diagnose_barrier() {
  const lane *in = nullptr, *out = nullptr;
  for (int i = 0; i < count_ && !out; i++) {
    const lane &e = lanes_[i];
    if (e.is == state::at_barrier && !in) in = &e;
    else if (e.is == state::done) out = &e;
    else if (in && !(e.at == in->at)) out = &e;
  }
  for (int i = 0; i < count_ && !in; i++) {
    if (lanes_[i].is == state::at_barrier) in = &lanes_[i];
  }
  spmd_current = const_cast<lane *>(in);
  fail("BARRIER without all lanes of its block: " + doing(*out), in->at);
}

bool worker::is_below_stack(const void *address) const {
  const char *end = static_cast<lane *>(spmd_current)->stack, *at = static_cast<const char *>(address);
  return at < end - stack_bytes && at >= end - stack_bytes - guard_bytes;
}

std::string worker::name_block() const {
  const auto &i = block_.index;
  return "kernel " + l_->c.name + ", block (" + std::to_string(i[0]) + "," + std::to_string(i[1]) + "," + std::to_string(i[2]) + ")";
}

void worker::fail(const std::string &what, const place &at) { fail(what + ", at " + where(at)); }

void worker::fail(const std::string &what, outcome result) {
  {
    std::string text = name_block();
    if (spmd_current) text += ", lane " + std::to_string(spmd_current->index);
    text += ": " + what;
    std::lock_guard<std::mutex> lock(l_->mutex);
    if (l_->result == outcome::ok) {
      l_->result = result;
      l_->text = text;
    }
  }
  l_->stop = true;
  good_ = false;
  leave();
}

}  // namespace standin
