// The kernels for AVX2.
#include <immintrin.h>
#include <math.h>
#include <string.h>

#include "native.h"
#include "team.h"
#include "workspace.h"

#pragma GCC push_options
#pragma GCC target("avx2,fma,f16c")
#define LANES 8
#include "kernels.h"

extern const kernel_table kernels_avx2;
const kernel_table kernels_avx2 = KERNEL_TABLE;
#pragma GCC pop_options
