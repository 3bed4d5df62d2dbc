#include "runtime.h"

#include <chrono>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <set>

#include "code.h"
#include "entry.h"
#include "memory.h"

namespace standin {

bool (*has_context)() = nullptr;

struct runtime::state {
  std::recursive_mutex mutex;
  outcome failed = outcome::ok;
  std::deque<std::function<outcome(std::string &)>> late;
  std::set<stream *> streams;
  std::set<event *> events;
  std::map<module *, std::vector<std::unique_ptr<function>>> modules;
};

namespace {

double seconds() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

}  // namespace

#define LOCK std::lock_guard<std::recursive_mutex> lock(s_->mutex)
#define IF_FAILED \
  LOCK;           \
  if (s_->failed != outcome::ok) return s_->failed

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

outcome runtime::launch(int device, const manner &how, function *f, const uint32_t *grid, const uint32_t *block, uint32_t shared, stream *s, const void *args) {
  IF_FAILED;
  if (!f || (f->kernel->bytes > 0 && !args)) return outcome::invalid_value;
  if (!has(s) || (s && s->device != device)) return outcome::bad_handle;
  call c = {f->kernel, f->name, {grid[0], grid[1], grid[2]}, {block[0], block[1], block[2]}, shared, nullptr};
  if (f->dynamic_limit && shared > f->dynamic_limit) {
    say("kernel " + c.name + ": " + std::to_string(shared) + " bytes of dynamic shared memory, the function may have " + std::to_string(f->dynamic_limit));
    return outcome::invalid_value;
  }
  std::string text = refuse(c, how);
  if (!text.empty()) {
    say("kernel " + c.name + ": " + text);
    return outcome::invalid_value;
  }
  if (!current().late) {
    c.args = args;
    run([&](std::string &t) { return standin::launch(c, how, t); });
    return outcome::ok;
  }
  const char *bytes = static_cast<const char *>(args);
  return submit(s, [c, how, held = std::vector<char>(bytes, bytes + c.kernel->bytes)](std::string &t) {
    call mine = c;
    mine.args = held.data();
    return standin::launch(mine, how, t);
  });
}

outcome runtime::open_stream(int device, stream **s) {
  IF_FAILED;
  *s = new stream{device};
  s_->streams.insert(*s);
  return outcome::ok;
}

outcome runtime::close_stream(stream *s) {
  if (const outcome o = wait_stream(s); o != outcome::ok) return o;
  LOCK;
  if (s_->streams.erase(s) == 0) return outcome::bad_handle;
  delete s;
  return outcome::ok;
}

bool runtime::has(stream *s) const {
  LOCK;
  return !s || s_->streams.count(s) > 0;
}

outcome runtime::wait_stream(stream *s) { return has(s) ? wait() : outcome::bad_handle; }

outcome runtime::open_event(bool timed, event **e) {
  IF_FAILED;
  *e = new event;
  (*e)->timed = timed;
  s_->events.insert(*e);
  return outcome::ok;
}

outcome runtime::close_event(event *e) {
  if (const outcome o = wait(); o != outcome::ok) return o;
  LOCK;
  if (s_->events.erase(e) == 0) return outcome::bad_handle;
  delete e;
  return outcome::ok;
}

outcome runtime::record(event *e, stream *s) {
  LOCK;
  if (s_->events.count(e) == 0) return outcome::bad_handle;
  e->recorded = true;
  e->done = false;
  return submit(s, [e](std::string &) {
    e->done = true;
    e->at = seconds();
    return outcome::ok;
  });
}

outcome runtime::query(event *e) {
  IF_FAILED;
  if (s_->events.count(e) == 0) return outcome::bad_handle;
  if (!e->recorded || e->done) return outcome::ok;
  wait();  // work goes on between two questions
  return outcome::not_ready;
}

outcome runtime::wait_event(event *e) {
  LOCK;
  return s_->events.count(e) == 0 ? outcome::bad_handle : wait();
}

outcome runtime::wait_for(stream *s, event *e) {
  IF_FAILED;
  return has(s) && s_->events.count(e) > 0 ? outcome::ok : outcome::bad_handle;
}

outcome runtime::elapsed(float *milliseconds, event *from, event *to) {
  IF_FAILED;
  if (s_->events.count(from) == 0 || s_->events.count(to) == 0) return outcome::bad_handle;
  if (!from->timed || !to->timed || !from->recorded || !to->recorded) return outcome::bad_handle;
  if (!from->done || !to->done) return outcome::not_ready;
  *milliseconds = float((to->at - from->at) * 1e3);
  return outcome::ok;
}

outcome runtime::load(int device, const void *code, module **m) {
  IF_FAILED;
  std::string arch, library, error;
  if (!code || !unwrap(code, arch, library)) return outcome::bad_image;
  const standin::device &card = current().devices[size_t(device)];
  if (arch != card.arch && arch != card.sm) {
    say("kernels for " + arch + " do not run on " + card.arch + " or " + card.sm);
    return outcome::wrong_arch;
  }
  *m = module::load(library.data(), library.size(), error);
  if (!*m) {
    say(error);
    return outcome::bad_image;
  }
  s_->modules[*m];
  return outcome::ok;
}

outcome runtime::unload(module *m) {
  if (const outcome o = wait(); o != outcome::ok) return o;
  LOCK;
  if (s_->modules.erase(m) == 0) return outcome::bad_handle;
  delete m;
  return outcome::ok;
}

outcome runtime::find(module *m, const char *name, function **f) {
  IF_FAILED;
  auto found = s_->modules.find(m);
  if (found == s_->modules.end()) return outcome::bad_handle;
  const spmd_kernel *kernel = m->find(name);
  if (!kernel) return outcome::not_found;
  found->second.push_back(std::make_unique<function>(function{kernel, name}));
  *f = found->second.back().get();
  return outcome::ok;
}

}  // namespace standin
