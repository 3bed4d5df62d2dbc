// Tiles of 16 x 16 sums, held by teams of 32 lanes, and products of operands that add to them:
//
//   sum[row][col] += left[row][k] * right[col][k],  k = 0..15.
//
// Where a lane's elements lie depends on the card's matrix units, so code asks: element e of a lane's sums has column
// col(e), and its row is the lane's slot(e)th, which is row(slot). Few lanes share a row: row_sum and row_max join what
// they hold. A wave of 64 lanes is two teams; control flow must be the same in all lanes of a wave.
//
// tiles<E> are those for elements E in local memory: uint16_t (bfloat16), multiplied by matrix units where there are some,
// or float, which is for reference values and never uses them. Sums are float32.
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
#else
#define METHOD __device__ __forceinline__
#define UNROLL _Pragma("unroll")
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

// pack rounds two numbers, which must not be NaN, to bfloat16; a comes first in memory.
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

DEVICE float element(float x) { return x; }
DEVICE float element(uint16_t x) { return from_bfloat16(x); }

// rounded returns what x is as an E.
template <class E>
DEVICE float rounded(float x) {
  return sizeof(E) == 2 ? from_bfloat16(to_bfloat16(x)) : x;
}

// four is what one load of 16 bytes fetches.
struct alignas(16) four {
  uint32_t x[4];
};

// chunk is eight elements of a row, on the way from global to local memory.
template <class E>
struct chunk;

template <>
struct chunk<uint16_t> {
  uint32_t x[4];
  METHOD uint16_t at(int i) const { return (uint16_t)(x[i / 2] >> 16 * (i % 2)); }
};

template <>
struct chunk<float> {
  float x[8];
  METHOD float at(int i) const { return x[i]; }
};

DEVICE void set_pair(chunk<uint16_t> &c, int pair, float a, float b) { c.x[pair] = pack(a, b); }

DEVICE void set_pair(chunk<float> &c, int pair, float a, float b) { c.x[2 * pair] = a, c.x[2 * pair + 1] = b; }

DEVICE void set_halves(chunk<uint16_t> &c, four h) {
  UNROLL for (int i = 0; i < 4; i++) c.x[i] = h.x[i];
}

DEVICE void set_halves(chunk<float> &c, four h) {
  UNROLL for (int i = 0; i < 4; i++) c.x[2 * i] = from_bits(h.x[i] << 16), c.x[2 * i + 1] = from_bits(h.x[i] & 0xffff0000u);
}

// line is a part of a row of a view: cols elements, those beyond are 0. whole says that it may be read 16 bytes at a time.
struct line {
  const void *data;
  int cols, half, whole;

  METHOD float at(int i) const {
    if (i >= cols) return 0.0f;
    return half ? from_bfloat16(((const uint16_t *)data)[i]) : ((const float *)data)[i];
  }
};

// line_of returns cols elements of a row from a column on, or the empty line.
DEVICE line line_of(const view &m, int row, int column, int cols, bool wanted) {
  line l;
  const int64_t at = row * m.stride + column;
  l.data = m.half ? (const void *)((const uint16_t *)m.data + at) : (const void *)((const float *)m.data + at);
  l.cols = wanted ? cols : 0;
  l.half = m.half;
  l.whole = cols % 8 == 0 && ((uint64_t)l.data & 15) == 0;
  return l;
}

// load8 fetches the elements [k, k+8) of a line.
template <class E>
DEVICE chunk<E> load8(const line &l, int k) {
  chunk<E> c;
  if (k >= l.cols) {
    UNROLL for (int i = 0; i < 4; i++) set_pair(c, i, 0.0f, 0.0f);
  } else if (l.whole && l.half) {
    set_halves(c, *(const four *)((const uint16_t *)l.data + k));
  } else if (l.whole) {
    const four a = *(const four *)((const float *)l.data + k), b = *(const four *)((const float *)l.data + k + 4);
    set_pair(c, 0, from_bits(a.x[0]), from_bits(a.x[1]));
    set_pair(c, 1, from_bits(a.x[2]), from_bits(a.x[3]));
    set_pair(c, 2, from_bits(b.x[0]), from_bits(b.x[1]));
    set_pair(c, 3, from_bits(b.x[2]), from_bits(b.x[3]));
  } else {
    UNROLL for (int i = 0; i < 4; i++) set_pair(c, i, l.at(k + 2 * i), l.at(k + 2 * i + 1));
  }
  return c;
}

// load2 fetches two elements of a line, rounded to bfloat16.
DEVICE uint32_t load2(const line &l, int k) {
  if (l.whole && l.half && k < l.cols) return *(const uint32_t *)((const uint16_t *)l.data + k);
  return pack(l.at(k), l.at(k + 1));
}

// fma_tiles multiply without matrix units. Four lanes share two rows; column c is the (c%4)th lane's.
template <class E>
struct fma_tiles {
  // TURNED: operands must have consecutive k in local memory. LEFT: registers of a left operand, or so many that it is not
  // worth keeping.
  enum { SLOTS = 2, TURNED = 0, LEFT = 1000 };

  struct left {
    float x[2][TILE];
  };
  struct right {
    float x[4][TILE];
  };

  DEVICE int row(int slot) { return LANE % TEAM / 4 * 2 + slot; }
  DEVICE int slot(int e) { return e / 4; }
  DEVICE int col(int e) { return LANE % 4 + e % 4 * 4; }
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

  // from_lines returns the columns [k, k+16) of the lane's rows.
  DEVICE left from_lines(const line *l, int k) {
    left a;
    for (int s = 0; s < 2; s++)
      UNROLL for (int h = 0; h < 2; h++) {
        const chunk<E> c = load8<E>(l[s], k + 8 * h);
        UNROLL for (int i = 0; i < 8; i++) a.x[s][8 * h + i] = element(c.at(i));
      }
    return a;
  }

  // load_left returns rows that are stride elements apart.
  DEVICE left load_left(const E *p, int stride) {
    left a;
    UNROLL for (int s = 0; s < 2; s++)
      UNROLL for (int k = 0; k < TILE; k++) a.x[s][k] = element(p[row(s) * stride + k]);
    return a;
  }

  // load_right returns columns that are stride elements apart; those of k are step apart.
  DEVICE right load_right(const E *p, int stride, int step) {
    right b;
    UNROLL for (int c = 0; c < 4; c++)
      UNROLL for (int k = 0; k < TILE; k++) b.x[c][k] = element(p[col(c) * stride + k * step]);
    return b;
  }

  // to_left returns sums as a left operand: their columns become its k.
  DEVICE left to_left(const sums &t) {
    left a;
    UNROLL for (int s = 0; s < 2; s++)
      UNROLL for (int k = 0; k < TILE; k++) a.x[s][k] = rounded<E>(WAVE_FROM(t.x[4 * s + k / 4], LANE % WAVE / 4 * 4 + k % 4));
    return a;
  }

  DEVICE void multiply(sums &t, const left &a, const right &b) {
    UNROLL for (int k = 0; k < TILE; k++)
      UNROLL for (int e = 0; e < 8; e++) t.x[e] += a.x[e / 4][k] * b.x[e % 4][k];
  }
};

template <class E>
struct tiles : fma_tiles<E> {};

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
template <>
struct tiles<uint16_t> {
  enum { SLOTS = 1, TURNED = 1, LEFT = 8 };

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

  DEVICE left from_lines(const line *l, int k) {
    left a;
    UNROLL for (int h = 0; h < 2; h++) {
      const chunk<uint16_t> c = load8<uint16_t>(l[0], k + 8 * h);
      UNROLL for (int i = 0; i < 4; i++) a.x[4 * h + i] = c.x[i];
    }
    return a;
  }

  DEVICE left load_left(const uint16_t *p, int stride) {
    left a;
    UNROLL for (int h = 0; h < 2; h++) {
      const four f = *(const four *)(p + row(0) * stride + 8 * h);
      UNROLL for (int i = 0; i < 4; i++) a.x[4 * h + i] = f.x[i];
    }
    return a;
  }

  DEVICE right load_right(const uint16_t *p, int stride, int) { return load_left(p, stride); }

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

#elif MATRIX_UNITS == UNITS_SYNC

// A tile is two products m16n8k16 side by side. The layouts are in the PTX ISA, "Matrix fragments for mma.m16n8k16".
template <>
struct tiles<uint16_t> {
  enum { SLOTS = 2, TURNED = 1, LEFT = 4 };

  struct left {
    uint32_t x[4];
  };
  typedef left right;

  DEVICE int row(int slot) { return LANE % TEAM / 4 + 8 * slot; }
  DEVICE int slot(int e) { return e / 2 % 2; }
  DEVICE int col(int e) { return e / 4 * 8 + LANE % 4 * 2 + e % 2; }
  DEVICE bool leads() { return LANE % 4 == 0; }
  DEVICE float row_sum(float v) { return fma_tiles<uint16_t>::row_sum(v); }
  DEVICE float row_max(float v) { return fma_tiles<uint16_t>::row_max(v); }

  DEVICE left from_lines(const line *l, int k) {
    left a;
    UNROLL for (int i = 0; i < 4; i++) a.x[i] = load2(l[i % 2], k + i / 2 * 8 + LANE % 4 * 2);
    return a;
  }

  DEVICE left load_left(const uint16_t *p, int stride) {
    left a;
#ifdef SPMD
    for (int i = 0; i < 4; i++) a.x[i] = *(const uint32_t *)(p + row(i % 2) * stride + i / 2 * 8 + LANE % 4 * 2);
#else
    const uint16_t *at = p + LANE % TILE * stride + LANE % TEAM / TILE * 8;
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(a.x[0]), "=r"(a.x[1]), "=r"(a.x[2]), "=r"(a.x[3]) : "r"((uint32_t)__cvta_generic_to_shared(at)) : "memory");
#endif
    return a;
  }

  // load_right holds the two halves of k of the first eight columns, then those of the others.
  DEVICE right load_right(const uint16_t *p, int stride, int) {
    right b;
#ifdef SPMD
    for (int i = 0; i < 4; i++) b.x[i] = *(const uint32_t *)(p + (LANE % TEAM / 4 + i / 2 * 8) * stride + i % 2 * 8 + LANE % 4 * 2);
#else
    const uint16_t *at = p + (LANE % 8 + LANE % TEAM / TILE * 8) * stride + LANE / 8 % 2 * 8;
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(b.x[0]), "=r"(b.x[1]), "=r"(b.x[2]), "=r"(b.x[3]) : "r"((uint32_t)__cvta_generic_to_shared(at)) : "memory");
#endif
    return b;
  }

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
      asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
                   : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
                   : "r"(a.x[0]), "r"(a.x[1]), "r"(a.x[2]), "r"(a.x[3]), "r"(b.x[2 * h]), "r"(b.x[2 * h + 1]));
#endif
    }
  }
};

#endif
