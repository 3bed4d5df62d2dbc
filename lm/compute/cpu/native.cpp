// Opening an engine: choice of the kernels, memory.
#include "native.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "team.h"
#include "workspace.h"

extern const kernel_table kernels_generic;
#if defined(__x86_64__)
extern const kernel_table kernels_avx2, kernels_avx512, kernels_avx512_bf16, kernels_amx;
extern const kernel_table16 kernels16_avx512_bf16, kernels16_amx;

// amx_allowed asks the system to let this process use the tile registers (Linux 5.16 and newer).
static bool amx_allowed() {
#if defined(__linux__)
  enum { ARCH_REQ_XCOMP_PERM = 0x1023, XFEATURE_XTILEDATA = 18 };
  return syscall(SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA) == 0;
#else
  return false;
#endif
}
#endif

int native_isa(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq")) {
    if (!__builtin_cpu_supports("avx512bf16") || !__builtin_cpu_supports("avx512vnni")) return ISA_AVX512;
    return __builtin_cpu_supports("amx-bf16") && amx_allowed() ? ISA_AMX : ISA_AVX512_BF16;
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c"))
    return ISA_AVX2;
#endif
  return ISA_GENERIC;
}

native *native_open(int isa, int threads) {
  native *e = (native *)calloc(1, sizeof(native));
  if (!e) return NULL;
  e->threads = threads;
  e->cache_bytes = 1 << 20;
#if defined(_SC_LEVEL2_CACHE_SIZE)
  if (sysconf(_SC_LEVEL2_CACHE_SIZE) > 1 << 18) e->cache_bytes = sysconf(_SC_LEVEL2_CACHE_SIZE);
#endif
  e->workspaces = (workspace *)calloc((size_t)threads + 1, sizeof(workspace));
  e->team = team_open(threads);
  if (!e->workspaces || !e->team) {
    native_close(e);
    return NULL;
  }
  e->kernels = kernels_generic;
#if defined(__x86_64__)
  if (isa == ISA_AVX2) e->kernels = kernels_avx2;
  if (isa == ISA_AVX512) e->kernels = kernels_avx512;
  if (isa == ISA_AVX512_BF16) e->kernels = kernels_avx512_bf16, e->kernels16 = &kernels16_avx512_bf16;
  if (isa == ISA_AMX) e->kernels = kernels_amx, e->kernels16 = &kernels16_amx;
#endif
  return e;
}

void native_close(native *e) {
  if (e->team) team_close(e->team);
  if (e->workspaces)
    for (int i = 0; i <= e->threads; i++) free(e->workspaces[i].data);
  free(e->workspaces);
  free(e);
}

void *native_map(size_t bytes) {
  // Older systems do not begin a mapping where a huge page can: more is mapped, and its ends are given back.
  enum { HUGE_PAGE = 1 << 21, PAGE = 1 << 12 };
  const size_t whole = (bytes + PAGE - 1) / PAGE * PAGE, more = bytes < HUGE_PAGE ? 0 : HUGE_PAGE;
  char *p = (char *)mmap(NULL, whole + more, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (p == MAP_FAILED) return NULL;
  if (more > 0) {
    const size_t before = (HUGE_PAGE - (uintptr_t)p % HUGE_PAGE) % HUGE_PAGE, after = more - before;
    if (before > 0) munmap(p, before);
    p += before;
    if (after > 0) munmap(p + whole, after);
  }
#ifdef MADV_HUGEPAGE
  madvise(p, bytes, MADV_HUGEPAGE);  // a hint: its failure changes nothing
#endif
  return p;
}

void native_unmap(void *data, size_t bytes) { munmap(data, bytes); }
