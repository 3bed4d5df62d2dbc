#include "module.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

#include "compiler.h"

namespace standin {

module *module::load(const void *code, size_t bytes, std::string &error) {
  // A name of its own for each: the loader takes names that it knows for what it has.
  std::string path = folder() + "/kernels/load-XXXXXX";
  const int file = mkstemp(&path[0]);
  if (file < 0) {
    error = "standin: cannot write to " + folder();
    return nullptr;
  }
  const char *at = static_cast<const char *>(code);
  while (bytes > 0) {
    const ssize_t n = write(file, at, bytes);
    if (n <= 0) break;
    at += n;
    bytes -= size_t(n);
  }
  close(file);
  void *library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) error = dlerror();
  unlink(path.c_str());
  return library ? new module(library) : nullptr;
}

module::~module() { dlclose(library_); }

const spmd_kernel *module::find(const std::string &kernel) const {
  return static_cast<const spmd_kernel *>(dlsym(library_, ("spmd_kernel_" + kernel).c_str()));
}

}  // namespace standin
