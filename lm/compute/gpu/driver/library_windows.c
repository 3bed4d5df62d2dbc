#include "table.h"

#include <stdio.h>
#include <string.h>
#include <windows.h>

// What a library needs is looked for beside it if it was named with its folder.
void *library_open(const char *path, char *message, int size) {
  DWORD flags = LOAD_LIBRARY_SEARCH_DEFAULT_DIRS;
  if (strchr(path, '\\')) flags |= LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR;
  HMODULE library = LoadLibraryExA(path, NULL, flags);
  if (!library) snprintf(message, size, "%s: error %lu", path, GetLastError());
  return library;
}

void *library_symbol(void *library, const char *name) { return (void *)GetProcAddress(library, name); }

void library_path(void *library, void *symbol, char *path, int size) {
  (void)symbol;
  const DWORD n = GetModuleFileNameA(library, path, size);
  if (n == 0 || n >= (DWORD)size) path[0] = 0;
}
