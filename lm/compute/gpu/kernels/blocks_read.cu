// How kernels read weights of all formats: blocked<q4_k> and plain<brain> have the same functions,
//
//   pieces(cols)   in a row
//   column(c)      of piece c's first run
//   take(out, weight, row, c, levels)
//
// where WHOLE promises that rows are whole pieces.

template <class F>
struct blocked : F {
  enum { PIECES = F::VALUES / PIECE };
  DEVICE int pieces(int cols) { return cols / PIECE; }
  DEVICE int column(int c) { return c / PIECES * F::VALUES + F::first(c % PIECES); }
  template <bool WHOLE>
  DEVICE void take(piece &out, const stored &w, int64_t row, int c, const float *levels) {
    const int64_t number = row * (w.cols / F::VALUES) + c / PIECES;
    F::unpack(out, w.data + number * F::BYTES, c % PIECES, number, w.state, levels);
  }
};

// The plain numbers: F32, F16 and BF16.
struct single {
  typedef float type;
  DEVICE float value(float x) { return x; }
};

struct binary16 {
  typedef uint16_t type;
  DEVICE float value(uint16_t x) { return from_half(x); }
};

struct brain {
  typedef uint16_t type;
  DEVICE float value(uint16_t x) { return from_bfloat16(x); }
};

template <class T>
struct plain : without_levels {
  enum { CENTRE = 0, MINIMUM = 0, APART = 8, LOADS = PIECE * sizeof(typename T::type) / 16 };
  DEVICE int pieces(int cols) { return (cols + PIECE - 1) / PIECE; }
  DEVICE int column(int c) { return c * PIECE; }
  template <bool WHOLE>
  DEVICE void take(piece &out, const stored &w, int64_t row, int c, const float *) {
    typedef typename T::type type;
    const type *p = (const type *)w.data + row * w.cols + c * PIECE;
    scales(out, 1.0f, 0.0f);
    if (WHOLE) {
      union { sixteen s[LOADS]; type v[PIECE]; } u;
#pragma unroll
      for (int i = 0; i < LOADS; i++) u.s[i] = ((const sixteen *)p)[i];
#pragma unroll
      for (int i = 0; i < PIECE; i++) out.code[i] = T::value(u.v[i]);
    } else {
#pragma unroll
      for (int i = 0; i < PIECE; i++) out.code[i] = c * PIECE + i < w.cols ? T::value(p[i]) : 0.0f;
    }
  }
};

// set_levels puts the levels of a weight's codes where take finds them. All lanes must call it.
template <class F>
DEVICE void set_levels(const stored &w, float *levels) {
  if (!F::LEVELS) return;
  if (LANE < LEVEL_COUNT) levels[LANE] = F::level(LANE, w.state);
  BARRIER();
}
