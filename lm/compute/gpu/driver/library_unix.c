//go:build !windows

#define _GNU_SOURCE
#include "table.h"

#include <dlfcn.h>
#include <stdio.h>

// A library is never closed: the vendors' keep threads.
void *library_open(const char *path, char *message, int size) {
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    const char *error = dlerror();
    snprintf(message, size, "%s", error ? error : "");
  }
  return library;
}

void *library_symbol(void *library, const char *name) { return dlsym(library, name); }

void library_path(void *library, void *symbol, char *path, int size) {
  (void)library;
  Dl_info info;
  snprintf(path, size, "%s", dladdr(symbol, &info) && info.dli_fname ? info.dli_fname : "");
}
