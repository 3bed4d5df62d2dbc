#include "table.h"

#include <stdlib.h>

gpu_status gpu_compiler_version(gpu *g, int *major, int *minor) { return CALL(g, compiler_version, major, minor); }

int gpu_newest(gpu *g, int limit) {
  enum { MOST = 256 };
  int known[MOST], count = 0, newest = 0;
  if (!g->architectures || !g->architecture_list || g->architectures(&count) || count > MOST || g->architecture_list(known)) return 0;
  for (int i = 0; i < count; i++)
    if (known[i] <= limit && known[i] > newest) newest = known[i];
  return newest;
}

static const gpu_status no_memory = {1, "malloc"}; // the number that both compilers have for it

static gpu_status take_log(gpu *g, void *program, char **log) {
  size_t size = 0;
  const gpu_status s = CALL(g, log_size, program, &size);
  if (s.code || size == 0) return s;
  *log = calloc(size + 1, 1);
  return *log ? CALL(g, log_text, program, *log) : no_memory;
}

// CUDA has machine code if a real architecture was asked for (sm_90), else text for the driver (compute_90).
static gpu_status take_code(gpu *g, void *program, char **code, size_t *size) {
  gpu_status s = CALL(g, code_size, program, size);
  const int text = g->vendor == GPU_CUDA && !s.code && *size == 0;
  if (text) s = CALL(g, ptx_size, program, size);
  if (s.code) return s;
  *code = calloc(*size + 1, 1);
  if (!*code) return no_memory;
  return text ? CALL(g, ptx_bytes, program, *code) : CALL(g, code_bytes, program, *code);
}

gpu_status gpu_compile(gpu *g, const char *source, const char *name, const char *const *options, int count, char **code, size_t *size, char **log) {
  void *program = NULL;
  gpu_status s = CALL(g, program_create, &program, source, name, 0, NULL, NULL);
  if (s.code) return s;
  s = CALL(g, program_compile, program, count, options);
  const gpu_status logged = take_log(g, program, log);
  if (!s.code) s = logged;
  if (!s.code) s = take_code(g, program, code, size);
  const gpu_status destroyed = CALL(g, program_destroy, &program);
  return s.code ? s : destroyed;
}
