// The boundary between Go and the C++ kernels. One table of kernels exists for each instruction set;
// native_open picks one at run time. All functions of an engine are called on the thread that opened it.
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// A row-major view of float32 values, or of bfloat16 ones if half is set, which only kernels that say so
// take; row i begins stride elements after the one before it.
typedef struct {
  float *data;
  int rows, cols;
  ptrdiff_t stride;
  int half;
} mat;

// One adapter of a linear layer, see compute.LowRank. grad_a and grad_b are null in the forward pass.
typedef struct {
  const float *a, *b;
  float *grad_a, *grad_b;
  int rank, out, column;
  float scale;
} low_rank;

// A dropout mask, see compute.Dropout. keep is 1/(1-p), or 0 where nothing is dropped.
typedef struct {
  uint32_t key[2], stream, threshold, row;
  float keep;
} mask;

typedef struct {
  int query, queries, key, keys, prefix, prefixed;
} span;

typedef struct {
  int query, key_value, dim, window;
} heads;

// A part of a frozen weight as its file has it: rows of one of GGUF's types, by their numbers, or of NF4.
typedef struct {
  const uint8_t *data;
  int type, rows;
} stored;

// The right operand of a product of many rows: Wᵀ [inputs, outputs] for y = x·Wᵀ or, backward, W for dx = dy·W. The
// parts are stacked over W's rows. Its panels (see bf16.h) are kept, or else unpacked for each product into room, so many
// columns at a time.
typedef struct {
  const stored *parts;
  int outputs, inputs, backward;
  const uint16_t *panels;
  uint16_t *room;
  int columns;
} operand;

// An adapter in a call that computes several at once: hidden is its first column in the hidden tensor. down and up are
// its panels, see linear_bf16.h, if they are kept, else null; down8, up8 and factor8 are what few_rows8 takes, see adapter8.h.
typedef struct {
  low_rank low;
  mask drop;
  int hidden;
  const uint16_t *down, *up;
  const uint8_t *down8, *up8;
  float factor8;
} adapter;

// A part of a quantised weight: rows of blocks of 32 values in GGUF's layout, or groups of rows as few_rows8.h
// describes them.
typedef struct {
  const uint8_t *data;
  int format, rows, cols, column;
} blocks;

enum { BLOCKS_NONE, BLOCKS_Q4_0, BLOCKS_Q4_1, BLOCKS_Q8_0, GROUPS_4, GROUPS_8 };

enum { ISA_GENERIC, ISA_AVX2, ISA_AVX512, ISA_AVX512_BF16, ISA_AMX };

// The most adapters that linear16 takes.
enum { MOST_ADAPTERS = 32 };

// The most rows for which quantised products beat unpacked ones, by few_rows and by few_rows8.
enum { FEW_ROWS = 4, FEW_ROWS8 = 8 };

typedef struct native native;

// NATIVE_KERNELS lists the kernels: name, parameters, arguments. The operations are described in
// compute/ops.go, what is special here beside the implementation.
#define NATIVE_KERNELS(K)                                                                              \
  K(copy, (native *e, mat dst, mat src), (e, dst, src))                                                \
  K(zero, (native *e, mat dst), (e, dst))                                                              \
  K(gather, (native *e, mat dst, mat src, const int32_t *rows), (e, dst, src, rows))                   \
  K(scatter, (native *e, mat dst, mat src, const int32_t *rows), (e, dst, src, rows))                  \
  K(scale_rows, (native *e, mat x, const float *factors), (e, x, factors))                             \
  K(norm, (native *e, mat dst, mat x, const float *gain, float epsilon), (e, dst, x, gain, epsilon))   \
  K(norm_backward, (native *e, mat dx, mat dy, mat x, const float *gain, float epsilon),               \
    (e, dx, dy, x, gain, epsilon))                                                                     \
  K(norm_heads, (native *e, mat dst, mat x, const float *gain, int dim, float epsilon),                \
    (e, dst, x, gain, dim, epsilon))                                                                   \
  K(norm_heads_backward, (native *e, mat dx, mat dy, mat x, const float *gain, int dim, float epsilon), \
    (e, dx, dy, x, gain, dim, epsilon))                                                                \
  K(add_bias, (native *e, mat x, const float *bias), (e, x, bias))                                     \
  K(swiglu, (native *e, mat dst, mat x), (e, dst, x))                                                  \
  K(swiglu_backward, (native *e, mat dx, mat dy, mat x), (e, dx, dy, x))                               \
  K(rotate, (native *e, mat x, int dim, const int32_t *positions, mat table, int inverse),             \
    (e, x, dim, positions, table, inverse))                                                            \
  K(low_rank_forward, (native *e, mat y, mat x, low_rank r, mask m, mat hidden),                       \
    (e, y, x, r, m, hidden))                                                                           \
  K(low_rank_backward, (native *e, mat dx, mat dy, mat x, low_rank r, mask m, mat hidden),             \
    (e, dx, dy, x, r, m, hidden))                                                                      \
  K(few_rows, (native *e, mat y, mat x, const blocks *parts, int n, int add), (e, y, x, parts, n, add)) \
  K(unpack, (native *e, mat dst, operand w, int first), (e, dst, w, first))                            \
  K(attention, (native *e, mat out, mat log_sum, mat q, mat k, mat v, const span *spans, int n, heads h), \
    (e, out, log_sum, q, k, v, spans, n, h))                                                           \
  K(attention_backward,                                                                                \
    (native *e, mat dq, mat dk, mat dv, mat d_out, mat out, mat log_sum, mat q, mat k, mat v,          \
     const span *spans, int n, heads h),                                                               \
    (e, dq, dk, dv, d_out, out, log_sum, q, k, v, spans, n, h))                                        \
  K(softmax_loss, (native *e, mat logits, const int32_t *labels, double *losses, int backward),        \
    (e, logits, labels, losses, backward))

typedef struct {
#define K(name, parameters, arguments) void(*name) parameters;
  NATIVE_KERNELS(K)
#undef K
} kernel_table;

// NATIVE_KERNELS16 lists the kernels for bfloat16 and bytes, which the better instruction sets have. Packed weights are
// described in bf16.h, the kernels beside their implementations.
#define NATIVE_KERNELS16(K)                                                                             \
  K(pack, (native *e, uint16_t *dst, operand w, int first, int columns), (e, dst, w, first, columns))   \
  K(copy16, (native *e, mat dst, mat src), (e, dst, src))                                               \
  K(zero16, (native *e, mat dst), (e, dst))                                                             \
  K(gather16, (native *e, mat dst, mat src, const int32_t *rows), (e, dst, src, rows))                  \
  K(scatter16, (native *e, mat dst, mat src, const int32_t *rows), (e, dst, src, rows))                 \
  K(norm16, (native *e, mat dst, mat x, const float *gain, float epsilon), (e, dst, x, gain, epsilon))  \
  K(swiglu16, (native *e, mat dst, mat x), (e, dst, x))                                                 \
  K(swiglu16_backward, (native *e, mat dx, mat dy, mat x), (e, dx, dy, x))                              \
  K(rotate16, (native *e, mat x, int dim, const int32_t *positions, mat table, int inverse),            \
    (e, x, dim, positions, table, inverse))                                                             \
  K(regroup, (native *e, uint8_t *dst, const blocks *part), (e, dst, part))                             \
  K(few_rows8, (native *e, mat y, mat x, const blocks *parts, int n, int adapters, int add),            \
    (e, y, x, parts, n, adapters, add))                                                                 \
  K(pack_adapter, (native *e, uint16_t *down, uint16_t *up, low_rank r, int inputs, int outputs),       \
    (e, down, up, r, inputs, outputs))                                                                  \
  K(pack_adapter8, (native *e, uint8_t *down, uint8_t *upper, float *factor, low_rank r, int inputs),   \
    (e, down, upper, factor, r, inputs))                                                                \
  K(linear16, (native *e, mat y, mat x, operand w, int n, mat hidden, int gated, int add),              \
    (e, y, x, w, n, hidden, gated, add))                                                                \
  K(attention16, (native *e, mat out, mat log_sum, mat q, mat k, mat v, const span *spans, int n, heads h), \
    (e, out, log_sum, q, k, v, spans, n, h))                                                            \
  K(attention16_backward,                                                                               \
    (native *e, mat dq, mat dk, mat dv, mat d_out, mat out, mat log_sum, mat q, mat k, mat v,           \
     const span *spans, int n, heads h),                                                                \
    (e, dq, dk, dv, d_out, out, log_sum, q, k, v, spans, n, h))                                         \
  K(linear16_backward, (native *e, mat dx, mat dy, mat x, operand w, int n, mat hidden),                \
    (e, dx, dy, x, w, n, hidden))

typedef struct {
#define K(name, parameters, arguments) void(*name) parameters;
  NATIVE_KERNELS16(K)
#undef K
} kernel_table16;

struct native {
  kernel_table kernels;
  const kernel_table16 *kernels16;  // null if the instruction set has no products in bfloat16
  int threads;
  long cache_bytes;  // of a core's own cache
  struct team *team;
  struct workspace *workspaces;  // one for each thread and, at the end, one that they share
  int failed;                    // set when a workspace could not grow
  adapter adapters[MOST_ADAPTERS];  // of the next call of linear16, linear16_backward or few_rows8
};

#define K(name, parameters, arguments) \
  static inline void native_##name parameters { e->kernels.name arguments; }
NATIVE_KERNELS(K)
#undef K
#define K(name, parameters, arguments) \
  static inline void native_##name parameters { e->kernels16->name arguments; }
NATIVE_KERNELS16(K)
#undef K

// native_isa returns the best instruction set of this machine.
int native_isa(void);

// native_open returns an engine for the calling thread, or null.
native *native_open(int isa, int threads);
void native_close(native *e);

// native_product sets c = a·b, or adds it: c [m, n], a [m, k], b [k, n]. It returns 0, or oneDNN's status.
int native_product(native *e, mat c, mat a, mat b, int add);

// native_map returns zeroed memory on huge pages where the system has them, or null.
void *native_map(size_t bytes);
void native_unmap(void *data, size_t bytes);

#ifdef __cplusplus
}
#endif
