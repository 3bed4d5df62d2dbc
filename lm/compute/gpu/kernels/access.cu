// How lanes get at matrices: eight columns at a time, with 16-byte accesses where the addresses allow them.

#if defined(GPU_CUDA)
#define SIXTEEN __align__(16)
#else
#define SIXTEEN __attribute__((aligned(16), may_alias))
#endif

// MEMBER is DEVICE for functions of a struct that have a `this`.
#if defined(SPMD)
#define MEMBER inline
#else
#define MEMBER __device__ __forceinline__
#endif

#define INFINITE from_bits(0x7f800000u)

struct SIXTEEN sixteen {
  uint32_t w[4];
};

struct eight {
  float v[8];
};

DEVICE bool aligned16(const void *p) { return ((uint64_t)p & 15) == 0; }

// load8 and store8 take the first n of eight values; what load8 leaves out is 0.
DEVICE eight load8(const float *p, int n) {
  eight e;
  if (n >= 8 && aligned16(p)) {
    const sixteen a = ((const sixteen *)p)[0], b = ((const sixteen *)p)[1];
#pragma unroll
    for (int i = 0; i < 4; i++) e.v[i] = from_bits(a.w[i]), e.v[4 + i] = from_bits(b.w[i]);
    return e;
  }
#pragma unroll
  for (int i = 0; i < 8; i++) e.v[i] = i < n ? p[i] : 0.0f;
  return e;
}

DEVICE eight load8(const uint16_t *p, int n) {
  eight e;
  if (n >= 8 && aligned16(p)) {
    const sixteen a = *(const sixteen *)p;
#pragma unroll
    for (int i = 0; i < 4; i++) e.v[2 * i] = from_bits(a.w[i] << 16), e.v[2 * i + 1] = from_bits(a.w[i] & 0xffff0000u);
    return e;
  }
#pragma unroll
  for (int i = 0; i < 8; i++) e.v[i] = i < n ? from_bfloat16(p[i]) : 0.0f;
  return e;
}

DEVICE void store8(float *p, const eight &e, int n) {
  if (n >= 8 && aligned16(p)) {
    sixteen a, b;
#pragma unroll
    for (int i = 0; i < 4; i++) a.w[i] = to_bits(e.v[i]), b.w[i] = to_bits(e.v[4 + i]);
    ((sixteen *)p)[0] = a;
    ((sixteen *)p)[1] = b;
    return;
  }
#pragma unroll
  for (int i = 0; i < 8; i++)
    if (i < n) p[i] = e.v[i];
}

DEVICE void store8(uint16_t *p, const eight &e, int n) {
  if (n >= 8 && aligned16(p)) {
    sixteen a;
#pragma unroll
    for (int i = 0; i < 4; i++) a.w[i] = (uint32_t)to_bfloat16(e.v[2 * i]) | (uint32_t)to_bfloat16(e.v[2 * i + 1]) << 16;
    *(sixteen *)p = a;
    return;
  }
#pragma unroll
  for (int i = 0; i < 8; i++)
    if (i < n) p[i] = to_bfloat16(e.v[i]);
}

// get8 and put8 access columns [col, col+8) of a row, as far as there are so many.
DEVICE eight get8(const view &m, int64_t row, int col) {
  const int64_t at = row * m.stride + col;
  return m.half ? load8((const uint16_t *)m.data + at, m.cols - col) : load8((const float *)m.data + at, m.cols - col);
}

DEVICE void put8(const view &m, int64_t row, int col, const eight &e) {
  const int64_t at = row * m.stride + col;
  if (m.half) store8((uint16_t *)m.data + at, e, m.cols - col);
  else store8((float *)m.data + at, e, m.cols - col);
}

DEVICE float sum8(const eight &e) {
  return ((e.v[0] + e.v[1]) + (e.v[2] + e.v[3])) + ((e.v[4] + e.v[5]) + (e.v[6] + e.v[7]));
}

DEVICE float dot8(const eight &x, const eight &y) {
  float s = 0.0f;
#pragma unroll
  for (int i = 0; i < 8; i++) s += x.v[i] * y.v[i];
  return s;
}

// columns returns the view of n columns from one on.
DEVICE view columns(const view &m, int from, int n) {
  view part = m;
  part.data = m.half ? (void *)((uint16_t *)m.data + from) : (void *)((float *)m.data + from);
  part.cols = n;
  return part;
}

// spot is where a lane of an elementwise kernel works: one of the runs of eight columns that rows are cut into, counted
// over all rows, so that narrow matrices fill blocks as well.
struct spot {
  int row, col;
  bool inside;
};

DEVICE spot spot_of(int rows, int cols) {
  const uint32_t runs = (uint32_t)(cols + 7) / 8, i = (uint32_t)BLOCK_X * (uint32_t)LANES + (uint32_t)LANE;
  spot s;
  s.row = (int)(i / runs);
  s.col = (int)(i % runs) * 8;
  s.inside = s.row < rows;
  return s;
}
