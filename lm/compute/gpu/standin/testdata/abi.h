// Functions of the stand-in's libraries by their names, as a driver finds them.
#pragma once

#include <dlfcn.h>

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

struct library {
  void *handle;

  explicit library(const std::string &path) : handle(dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) {
    if (!handle) printf("%s\n", dlerror()), exit(1);
  }

  // call calls a function with arguments of the types that it is given.
  template <class... Args>
  int call(const char *name, Args... args) const {
    void *symbol = dlsym(handle, name);
    if (!symbol) printf("there is no %s\n", name), exit(1);
    return reinterpret_cast<int (*)(Args...)>(symbol)(args...);
  }
};

inline int failures = 0;

// want compares what a call returned.
inline void want(const char *what, int got, int wanted) {
  if (got == wanted) return;
  printf("%s gives %d, want %d\n", what, got, wanted);
  failures++;
}

#define WANT(wanted, expression) want(#expression, (expression), (wanted))

inline std::string text_of(const char *path) {
  FILE *f = fopen(path, "rb");
  std::string text;
  for (int c; f && (c = getc(f)) != EOF;) text += char(c);
  if (f) fclose(f);
  return text;
}

// The arguments of all kernels in checks.cu.
struct job {
  float *out;
  const float *in;
  int n, unused;
};
