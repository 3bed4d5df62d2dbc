// The kernels for AMX.
#include <immintrin.h>
#include <math.h>
#include <string.h>

#include "native.h"
#include "team.h"
#include "workspace.h"

#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512vl,avx512dq,avx512bf16,avx512vnni,avx2,fma,f16c,amx-tile,amx-bf16,amx-int8")
#define LANES 16
#include "kernels.h"
#include "bf16_amx.h"
#include "linear_bf16_backward.h"
#include "linear_few8.h"
#include "attention_bf16_backward.h"

extern const kernel_table kernels_amx;
extern const kernel_table16 kernels16_amx;
const kernel_table kernels_amx = KERNEL_TABLE;
const kernel_table16 kernels16_amx = KERNEL_TABLE16;
#pragma GCC pop_options
