// The kernels for AVX-512.
#include <immintrin.h>
#include <math.h>
#include <string.h>

#include "native.h"
#include "team.h"
#include "workspace.h"

#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma,f16c")
#define LANES 16
#include "kernels.h"

extern const kernel_table kernels_avx512;
const kernel_table kernels_avx512 = KERNEL_TABLE;
#pragma GCC pop_options
