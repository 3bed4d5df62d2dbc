// The kernels for AVX-512 with bfloat16.
#include <immintrin.h>
#include <math.h>
#include <string.h>

#include "native.h"
#include "team.h"
#include "workspace.h"

#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512vl,avx512dq,avx512bf16,avx512vnni,avx2,fma,f16c")
#define LANES 16
#include "kernels.h"
#include "bf16_avx512.h"
#include "linear_bf16_backward.h"
#include "linear_few8.h"
#include "attention_bf16_backward.h"

extern const kernel_table kernels_avx512_bf16;
extern const kernel_table16 kernels16_avx512_bf16;
const kernel_table kernels_avx512_bf16 = KERNEL_TABLE;
const kernel_table16 kernels16_avx512_bf16 = KERNEL_TABLE16;
#pragma GCC pop_options
