// Tiles of 16 x 16 sums, held by teams of 32 lanes, and products of bfloat16 operands that add to them in float32:
//
//   sum[row][col] += left[row][k] * right[col][k],  k = 0..15.
//
// Where a lane's elements lie depends on the card's matrix units, so code asks: element e of a lane's sums has column
// col(e), and its row is the lane's slot(e)th, which is row(slot). Few lanes share a row: row_sum and row_max join what
// they hold. A wave of 64 lanes is two teams; control flow must be the same in all lanes of a wave.
#pragma once

// MATRIX_UNITS says which there are: WMMA of RDNA 3, mma.sync of NVIDIA from sm_80 on, or 0 for plain multiplication.
// Tests on the processor set it.
#define UNITS_WMMA 1
#define UNITS_SYNC 2
#ifndef MATRIX_UNITS
#if defined(GPU_HIP) && defined(__GFX11__) && WAVE == 32
#define MATRIX_UNITS UNITS_WMMA
#elif defined(GPU_CUDA) && defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
#define MATRIX_UNITS UNITS_SYNC
#else
#define MATRIX_UNITS 0
#endif
#endif

#ifdef SPMD
#define METHOD inline
#define UNROLL
#define ROLLED
#else
#define METHOD __device__ __forceinline__
#define UNROLL _Pragma("unroll")
#define ROLLED _Pragma("unroll 1")
#endif

// TILES_UNROLL is for loops over products that may be left as they are, for without matrix units a product is long.
#if MATRIX_UNITS == 0
#define TILES_UNROLL ROLLED
#else
#define TILES_UNROLL UNROLL
#endif

enum { TILE = 16, TEAM = 32 };

// sums is one lane's part of a tile.
struct sums {
  float x[8];
};

DEVICE sums no_sums() {
  sums s;
  UNROLL for (int e = 0; e < 8; e++) s.x[e] = 0.0f;
  return s;
}

// four is what one load of 16 bytes fetches, most often eight bfloat16.
struct alignas(16) four {
  uint32_t x[4];
};

// pack rounds two numbers to bfloat16; a comes first in memory. NaN stays NaN as long as it is one that arithmetic makes.
DEVICE uint32_t pack(float a, float b) {
#if MATRIX_UNITS == UNITS_SYNC && !defined(SPMD)
  uint32_t both;
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(both) : "f"(b), "f"(a));
  return both;
#else
  const uint32_t x = to_bits(a), y = to_bits(b);
  return (x + 0x7fffu + (x >> 16 & 1u)) >> 16 | ((y + 0x7fffu + (y >> 16 & 1u)) & 0xffff0000u);
#endif
}

DEVICE float first_of(uint32_t pair) { return from_bits(pair << 16); }
DEVICE float second_of(uint32_t pair) { return from_bits(pair & 0xffff0000u); }

#if MATRIX_UNITS == UNITS_WMMA

// half_swap exchanges values between the lanes 0-15 and 16-31.
DEVICE uint32_t half_swap(uint32_t v) {
#ifdef SPMD
  return WAVE_XOR(v, 16);
#else
  return __builtin_amdgcn_permlanex16(v, v, 0x76543210u, 0xfedcba98u, false, false);
#endif
}

// The unit's own "A" is the right operand here and its "B" the left one, so that a row lies in the two lanes n and n+16:
// maxima and sums of a row take one exchange. Both halves of the team must hold the same operands.
struct tiles {
  // SLOTS rows have elements in a lane, and a left operand that is kept costs LEFT registers.
  enum { SLOTS = 1, LEFT = 8 };

  struct left {
    uint32_t x[8];
  };
  typedef left right;

  DEVICE int row(int) { return LANE % TILE; }
  DEVICE int slot(int) { return 0; }
  DEVICE int col(int e) { return 2 * e + LANE % TEAM / TILE; }
  DEVICE bool leads() { return LANE % TEAM < TILE; }
  DEVICE float row_sum(float v) { return v + from_bits(half_swap(to_bits(v))); }

  DEVICE float row_max(float v) {
    const float w = from_bits(half_swap(to_bits(v)));
    return w > v ? w : v;
  }

  // fetch makes a left operand of rows(slot, k), which returns eight elements of a row from column k on.
  template <class F>
  DEVICE left fetch(const F &rows) {
    left a;
    UNROLL for (int h = 0; h < 2; h++) {
      const four f = rows(0, 8 * h);
      UNROLL for (int i = 0; i < 4; i++) a.x[4 * h + i] = f.x[i];
    }
    return a;
  }

  // load_left and load_right take rows and columns that are stride elements apart in local memory.
  DEVICE left load_left(const uint16_t *p, int stride) {
    left a;
    UNROLL for (int h = 0; h < 2; h++) {
      const four f = *(const four *)(p + row(0) * stride + 8 * h);
      UNROLL for (int i = 0; i < 4; i++) a.x[4 * h + i] = f.x[i];
    }
    return a;
  }

  DEVICE right load_right(const uint16_t *p, int stride) { return load_left(p, stride); }

  // to_left returns sums as a left operand: their columns become its k.
  DEVICE left to_left(const sums &t) {
    left a;
    const bool upper = LANE % TEAM >= TILE;
    UNROLL for (int i = 0; i < 4; i++) {
      const uint32_t own = pack(t.x[2 * i], t.x[2 * i + 1]), other = half_swap(own);
      const uint32_t even = upper ? other : own, odd = upper ? own : other;
      a.x[2 * i] = (even & 0xffffu) | odd << 16;
      a.x[2 * i + 1] = even >> 16 | (odd & 0xffff0000u);
    }
    return a;
  }

  DEVICE void multiply(sums &t, const left &a, const right &b) {
#ifdef SPMD
    spmd_wmma_16x16x16(t.x, (const uint16_t *)b.x, (const uint16_t *)a.x, t.x);
#else
    typedef short halves __attribute__((ext_vector_type(16)));
    typedef float floats __attribute__((ext_vector_type(8)));
    union { left l; halves h; } x, y;
    union { sums s; floats f; } z;
    x.l = b, y.l = a, z.s = t;
    z.f = __builtin_amdgcn_wmma_f32_16x16x16_bf16_w32(x.h, y.h, z.f);
    t = z.s;
#endif
  }
};

#else

// In the other two layouts four lanes share two rows.
struct four_lanes {
  DEVICE bool leads() { return LANE % 4 == 0; }

  DEVICE float row_sum(float v) {
    v += WAVE_XOR(v, 1);
    return v + WAVE_XOR(v, 2);
  }

  DEVICE float row_max(float v) {
    float w = WAVE_XOR(v, 1);
    v = w > v ? w : v;
    w = WAVE_XOR(v, 2);
    return w > v ? w : v;
  }
};

#if MATRIX_UNITS == UNITS_SYNC

// A tile is two products m16n8k16 side by side. The layouts are in the PTX ISA, "Matrix fragments for mma.m16n8k16".
struct tiles : four_lanes {
  enum { SLOTS = 2, LEFT = 4 };

  struct left {
    uint32_t x[4];
  };
  typedef left right;

  DEVICE int row(int slot) { return LANE % TEAM / 4 + 8 * slot; }
  DEVICE int slot(int e) { return e / 2 % 2; }
  DEVICE int col(int e) { return e / 4 * 8 + LANE % 4 * 2 + e % 2; }

  // fetch has each lane of four pick its pair out of eight elements.
  template <class F>
  DEVICE left fetch(const F &rows) {
    left a;
    UNROLL for (int i = 0; i < 4; i++) {
      const four f = rows(i % 2, i / 2 * 8);
      const uint32_t low = LANE % 2 ? f.x[1] : f.x[0], high = LANE % 2 ? f.x[3] : f.x[2];
      a.x[i] = LANE % 4 < 2 ? low : high;
    }
    return a;
  }

  DEVICE left load_left(const uint16_t *p, int stride) {
    left a;
#ifdef SPMD
    for (int i = 0; i < 4; i++) a.x[i] = *(const uint32_t *)(p + row(i % 2) * stride + i / 2 * 8 + LANE % 4 * 2);
#else
    const uint16_t *at = p + LANE % TILE * stride + LANE % TEAM / TILE * 8;
    load_matrices(a.x, at);
#endif
    return a;
  }

  // load_right holds the two halves of k of the first eight columns, then those of the others.
  DEVICE right load_right(const uint16_t *p, int stride) {
    right b;
#ifdef SPMD
    for (int i = 0; i < 4; i++) b.x[i] = *(const uint32_t *)(p + (LANE % TEAM / 4 + i / 2 * 8) * stride + i % 2 * 8 + LANE % 4 * 2);
#else
    load_matrices(b.x, p + (LANE % 8 + LANE % TEAM / TILE * 8) * stride + LANE / 8 % 2 * 8);
#endif
    return b;
  }

#ifndef SPMD
  // load_matrices loads four matrices of 8 x 8; each lane gives the address of a row.
  DEVICE void load_matrices(uint32_t *x, const uint16_t *row) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(x[0]), "=r"(x[1]), "=r"(x[2]), "=r"(x[3])
                 : "r"((uint32_t)__cvta_generic_to_shared(row))
                 : "memory");
  }
#endif

  DEVICE left to_left(const sums &t) {
    left a;
    UNROLL for (int i = 0; i < 4; i++) a.x[i] = pack(t.x[2 * i], t.x[2 * i + 1]);
    return a;
  }

  DEVICE void multiply(sums &t, const left &a, const right &b) {
    UNROLL for (int h = 0; h < 2; h++) {
      float *c = t.x + 4 * h;
#ifdef SPMD
      spmd_mma_m16n8k16(c, a.x, b.x + 2 * h, c);
#else
      asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
          : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
          : "r"(a.x[0]), "r"(a.x[1]), "r"(a.x[2]), "r"(a.x[3]), "r"(b.x[2 * h]), "r"(b.x[2 * h + 1]));
#endif
    }
  }
};

#else

// Without matrix units column c is the (c%4)th lane's. Operands are pairs of k.
struct tiles : four_lanes {
  enum { SLOTS = 2, LEFT = 1000 };  // 16 in truth, but right operands need many here, and nothing may be kept

  struct left {
    uint32_t x[2][8];
  };
  struct right {
    uint32_t x[4][8];
  };

  DEVICE int row(int slot) { return LANE % TEAM / 4 * 2 + slot; }
  DEVICE int slot(int e) { return e / 4; }
  DEVICE int col(int e) { return LANE % 4 + e % 4 * 4; }

  template <class F>
  DEVICE left fetch(const F &rows) {
    left a;
    UNROLL for (int i = 0; i < 4; i++) {
      const four f = rows(i / 2, i % 2 * 8);
      UNROLL for (int w = 0; w < 4; w++) a.x[i / 2][i % 2 * 4 + w] = f.x[w];
    }
    return a;
  }

  DEVICE left load_left(const uint16_t *p, int stride) {
    left a;
    UNROLL for (int i = 0; i < 4; i++) {
      const four f = *(const four *)(p + row(i / 2) * stride + i % 2 * 8);
      UNROLL for (int w = 0; w < 4; w++) a.x[i / 2][i % 2 * 4 + w] = f.x[w];
    }
    return a;
  }

  DEVICE right load_right(const uint16_t *p, int stride) {
    right b;
    UNROLL for (int i = 0; i < 8; i++) {
      const four f = *(const four *)(p + col(i / 2) * stride + i % 2 * 8);
      UNROLL for (int w = 0; w < 4; w++) b.x[i / 2][i % 2 * 4 + w] = f.x[w];
    }
    return b;
  }

  DEVICE left to_left(const sums &t) {
    left a;
    UNROLL for (int s = 0; s < 2; s++)
      UNROLL for (int h = 0; h < 2; h++) {
        // The columns 8h+i and 8h+4+i are the ith lane's; pairs are of neighbours.
        uint32_t x[4];
        const uint32_t own = pack(t.x[4 * s + 2 * h], t.x[4 * s + 2 * h + 1]);
        UNROLL for (int i = 0; i < 4; i++) x[i] = WAVE_FROM(own, LANE % WAVE / 4 * 4 + i);
        UNROLL for (int i = 0; i < 2; i++) {
          a.x[s][4 * h + i] = (x[2 * i] & 0xffffu) | x[2 * i + 1] << 16;
          a.x[s][4 * h + 2 + i] = x[2 * i] >> 16 | (x[2 * i + 1] & 0xffff0000u);
        }
      }
    return a;
  }

  DEVICE void multiply(sums &t, const left &a, const right &b) {
    keep_apart();
    UNROLL for (int w = 0; w < 8; w++)
      UNROLL for (int e = 0; e < 8; e++) {
        t.x[e] += first_of(a.x[e / 4][w]) * first_of(b.x[e % 4][w]);
        t.x[e] += second_of(a.x[e / 4][w]) * second_of(b.x[e % 4][w]);
      }
    keep_apart();
  }

  // keep_apart holds the compiler back from fetching the operands of all products first, more than there are registers.
  DEVICE void keep_apart() {
#if defined(GPU_HIP)
#if __has_builtin(__builtin_amdgcn_sched_barrier)
    __builtin_amdgcn_sched_barrier(0);
#endif
#endif
  }
};

#endif
#endif
