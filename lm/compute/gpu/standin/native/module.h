// Compiled kernels that are loaded.
#pragma once

#include <string>

#include "abi.h"

namespace standin {

class module {
 public:
  // load returns null and says why in error.
  static module *load(const void *code, size_t bytes, std::string &error);
  ~module();
  const spmd_kernel *find(const std::string &kernel) const;

 private:
  explicit module(void *library) : library_(library) {}
  void *library_;
};

}  // namespace standin
