// What HIP and CUDA have in common: devices, memory, streams, events, modules, launches. The vendors' files give it their
// names, their numbers and their habits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "module.h"
#include "settings.h"

namespace standin {

enum class direction { to_card, from_card, on_card, either, on_host };

// A kernel that was found in a module.
struct function {
  const spmd_kernel *kernel;
  std::string name;
  uint32_t dynamic_limit = 0;  // CUDA's, see set_dynamic_limit
};

struct stream {
  int device;
};

struct event {
  bool recorded = false, done = false, timed = true;
  double at = 0;
};

// The calls of one process to its cards. A kernel that fails leaves its error to all calls that follow.
class runtime {
 public:
  static runtime &the();

  outcome failed() const;
  // forget_failure is for a new beginning: hipInit and cuInit.
  void forget_failure();

  outcome allocate(int device, void **p, size_t bytes);
  outcome release(void *p);
  outcome allocate_host(void **p, size_t bytes);
  outcome release_host(void *p);
  uint64_t free_memory(int device) const;

  // Work is done at once, or, if the settings say late, when somebody waits.
  outcome copy(void *dst, const void *src, size_t bytes, direction d, stream *s, bool wait);
  outcome fill(void *dst, uint32_t pattern, int size, size_t count, stream *s, bool wait);
  outcome launch(int device, const manner &how, function *f, const uint32_t *grid, const uint32_t *block, uint32_t shared, stream *s, const void *args);
  outcome submit(stream *s, std::function<outcome(std::string &)> work);
  outcome wait();

  outcome open_stream(int device, stream **s);
  outcome close_stream(stream *s);
  bool has(stream *s) const;  // or it is null, the default one
  outcome wait_stream(stream *s);

  outcome open_event(bool timed, event **e);
  outcome close_event(event *e);
  outcome record(event *e, stream *s);
  outcome query(event *e);
  outcome wait_event(event *e);
  outcome wait_for(stream *s, event *e);
  outcome elapsed(float *milliseconds, event *from, event *to);

  outcome load(int device, const void *code, module **m);
  outcome unload(module *m);
  outcome find(module *m, const char *name, function **f);

 private:
  struct state;
  runtime();
  outcome run(const std::function<outcome(std::string &)> &work);

  state *s_;
};

// Whether calls to CUDA may be made on this thread, for libcublas. libcuda sets it when it is loaded.
extern bool (*has_context)();

}  // namespace standin
