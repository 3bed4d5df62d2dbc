// The runtime's memory, and how work is done.
#include <cstring>

#include "entry.h"
#include "memory.h"
#include "runtime_state.h"

namespace standin {

bool (*has_context)() = nullptr;

runtime::runtime() : s_(new state) {}

runtime &runtime::the() {
  static auto *r = new runtime;
  return *r;
}

outcome runtime::failed() const { return s_->failed; }

void runtime::forget_failure() {
  LOCK;
  s_->late.clear();
  s_->failed = outcome::ok;
}

outcome runtime::run(const std::function<outcome(std::string &)> &work) {
  std::string text;
  const outcome o = work(text);
  if (o == outcome::ok) return o;
  say(text);
  return s_->failed = o;
}

outcome runtime::submit(stream *s, std::function<outcome(std::string &)> work) {
  IF_FAILED;
  if (!has(s)) return outcome::bad_handle;
  if (current().late) s_->late.push_back(std::move(work));
  else run(work);
  return outcome::ok;  // who waits learns of it
}

outcome runtime::wait() {
  IF_FAILED;
  while (!s_->late.empty()) {
    const auto work = std::move(s_->late.front());
    s_->late.pop_front();
    if (run(work) != outcome::ok) return s_->failed;
  }
  return run([](std::string &text) {
    text = overruns();
    return text.empty() ? outcome::ok : outcome::bad_address;
  });
}

outcome runtime::allocate(int device, void **p, size_t bytes) {
  IF_FAILED;
  *p = standin::allocate(device, bytes, current().devices[size_t(device)].memory);
  return *p ? outcome::ok : outcome::no_memory;
}

outcome runtime::release(void *p) {
  if (const outcome o = wait(); o != outcome::ok) return o;
  std::string text;
  if (!standin::release(false, p, text)) return outcome::invalid_value;
  return outcome::ok;
}

outcome runtime::allocate_host(void **p, size_t bytes) {
  IF_FAILED;
  *p = standin::allocate(host, bytes, UINT64_MAX);
  return *p ? outcome::ok : outcome::no_memory;
}

outcome runtime::release_host(void *p) {
  if (const outcome o = wait(); o != outcome::ok) return o;
  std::string text;
  return standin::release(true, p, text) ? outcome::ok : outcome::invalid_value;
}

uint64_t runtime::free_memory(int device) const { return current().devices[size_t(device)].memory - allocated(device); }

outcome runtime::copy(void *dst, const void *src, size_t bytes, direction d, stream *s, bool wait) {
  IF_FAILED;
  if (bytes == 0) return outcome::ok;
  if (!dst || !src) return outcome::invalid_value;
  const bool to = d == direction::to_card || d == direction::on_card, from = d == direction::from_card || d == direction::on_card;
  if ((to && !contains(dst, bytes)) || (from && !contains(src, bytes))) return outcome::invalid_value;
  const outcome o = submit(s, [=](std::string &) {
    memmove(dst, src, bytes);
    return outcome::ok;
  });
  return o == outcome::ok && wait ? this->wait() : o;
}

outcome runtime::fill(void *dst, uint32_t pattern, int size, size_t count, stream *s, bool wait) {
  IF_FAILED;
  if (count == 0) return outcome::ok;
  if (!contains(dst, count * size_t(size))) return outcome::invalid_value;
  const outcome o = submit(s, [=](std::string &) {
    if (size == 1) memset(dst, int(pattern), count);
    for (size_t i = 0; size > 1 && i < count; i++) memcpy(static_cast<char *>(dst) + i * size_t(size), &pattern, size_t(size));
    return outcome::ok;
  });
  return o == outcome::ok && wait ? this->wait() : o;
}

}  // namespace standin
