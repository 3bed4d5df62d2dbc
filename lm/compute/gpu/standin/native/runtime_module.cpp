// The runtime's modules and launches.
#include "code.h"
#include "entry.h"
#include "runtime_state.h"

namespace standin {

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

}  // namespace standin
