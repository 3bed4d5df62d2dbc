// Compiles a source with NVRTC or hipRTC, whose interfaces differ in their prefix only: rtc LIBRARY PREFIX SOURCE OUTPUT OPTION...
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct program *program;

static void *library;
static const char *prefix;

static void *find(const char *name) {
  char full[128];
  snprintf(full, sizeof full, "%s%s", prefix, name);
  void *f = dlsym(library, full);
  if (!f) fprintf(stderr, "no %s\n", full), exit(3);
  return f;
}

static char *read_file(const char *name) {
  FILE *f = fopen(name, "rb");
  if (!f) return perror(name), exit(3), NULL;
  fseek(f, 0, SEEK_END);
  const long size = ftell(f);
  rewind(f);
  char *text = calloc(1, (size_t)size + 1);
  if (fread(text, 1, (size_t)size, f) != (size_t)size) return perror(name), exit(3), NULL;
  fclose(f);
  return text;
}

int main(int argc, char **argv) {
  if (argc < 5) return 3;
  library = dlopen(argv[1], RTLD_NOW);
  if (!library) return fprintf(stderr, "%s\n", dlerror()), 4;  // which is not the source's fault
  prefix = argv[2];
  const int cuda = !strcmp(prefix, "nvrtc");
  int (*create)(program *, const char *, const char *, int, const char **, const char **) = find("CreateProgram");
  int (*compile)(program, int, char **) = find("CompileProgram");
  int (*log_size)(program, size_t *) = find("GetProgramLogSize");
  int (*get_log)(program, char *) = find("GetProgramLog");
  int (*size)(program, size_t *) = find(cuda ? "GetCUBINSize" : "GetCodeSize");
  int (*get)(program, char *) = find(cuda ? "GetCUBIN" : "GetCode");

  program p;
  if (create(&p, read_file(argv[3]), "kernels", 0, NULL, NULL)) return 3;
  const int status = compile(p, argc - 5, argv + 5);
  size_t n = 0;
  if (!log_size(p, &n) && n > 1) {
    char *text = calloc(1, n + 1);
    get_log(p, text);
    fputs(text, stderr);
  }
  if (status) return fprintf(stderr, "status %d\n", status), 1;
  if (size(p, &n)) return 3;
  char *code = malloc(n);
  if (get(p, code)) return 3;
  FILE *f = fopen(argv[4], "wb");
  if (!f || fwrite(code, 1, n, f) != n || fclose(f)) return perror(argv[4]), 3;
  return 0;
}
