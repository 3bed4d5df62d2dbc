#include "table.h"

#include <stdio.h>
#include <stdlib.h>

const gpu_names gpu_name_of[2] = {
    {
#define NAME(field, parameters, hip, cuda) .field = (hip) + ((hip)[0] == '?'),
        RUNTIME_CALLS(NAME) COMPILER_CALLS(NAME) BLAS_CALLS(NAME)
#undef NAME
    },
    {
#define NAME(field, parameters, hip, cuda) .field = (cuda) + ((cuda)[0] == '?'),
        RUNTIME_CALLS(NAME) COMPILER_CALLS(NAME) BLAS_CALLS(NAME)
#undef NAME
    }};

gpu *gpu_new(int vendor) {
  gpu *g = calloc(1, sizeof *g);
  if (g) g->vendor = vendor;
  return g;
}

// find looks one function up and returns its name if it has to be there and is not.
static const char *find(void *library, const char *name, void **place) {
  if (!name[0]) return NULL;
  const int optional = name[0] == '?';
  *place = library_symbol(library, name + optional);
  return *place || optional ? NULL : name;
}

static const char *fill(gpu *g, int part) {
  void *library = g->library[part];
  const char *missing = NULL;
#define FIND(field, parameters, hip, cuda) \
  if (!missing) missing = find(library, g->vendor == GPU_HIP ? hip : cuda, (void **)&g->field);
  switch (part) {
    case GPU_RUNTIME:
      RUNTIME_CALLS(FIND)
      // Version 5 has the old one only, and what version 6 has by that name has another layout.
      if (!missing && g->vendor == GPU_HIP && !g->properties && !g->old_properties) missing = "hipGetDeviceProperties";
      break;
    case GPU_COMPILER:
      COMPILER_CALLS(FIND)
      break;
    case GPU_BLAS:
      BLAS_CALLS(FIND)
      break;
  }
#undef FIND
#define FIND(field, of, for_vendor, name) \
  if (!missing && part == of && g->vendor == for_vendor) missing = find(library, name, (void **)&g->field);
  TEXT_CALLS(FIND)
#undef FIND
  return missing;
}

int gpu_load(gpu *g, int part, const char *path, char *message, int size) {
  g->library[part] = library_open(path, message, size);
  if (!g->library[part]) return 1;
  return gpu_share(g, part, part, message, size);
}

int gpu_share(gpu *g, int part, int from, char *message, int size) {
  g->library[part] = g->library[from];
  const char *missing = fill(g, part);
  if (!missing) return 0;
  snprintf(message, size, "%s", missing);
  return 2;
}

void gpu_path(const gpu *g, int part, char *path, int size) {
  void *symbol = part == GPU_RUNTIME ? (void *)g->init : part == GPU_COMPILER ? (void *)g->program_create : (void *)g->blas_create;
  path[0] = 0;
  if (symbol) library_path(g->library[part], symbol, path, size);
}

void gpu_describe(const gpu *g, int code, const char **name, const char **text) {
  *name = *text = NULL;
  if (g->vendor == GPU_HIP) {
    *name = g->hip_name(code);
    *text = g->hip_text(code);
  } else {
    g->error_name(code, name);
    g->error_text(code, text);
  }
}

const char *gpu_describe_compiler(const gpu *g, int code) {
  return g->vendor == GPU_HIP ? g->hip_compiler_text(code) : g->cuda_compiler_text(code);
}
