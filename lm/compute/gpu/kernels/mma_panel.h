// Panels are what blocks keep in local memory of matrices, as right operands of tiles.
#pragma once

DEVICE void store8(uint16_t *to, const chunk<uint16_t> &c) {
  four f;
  UNROLL for (int i = 0; i < 4; i++) f.x[i] = c.x[i];
  *(four *)to = f;
}

DEVICE void store8(float *to, const chunk<float> &c) {
  UNROLL for (int h = 0; h < 2; h++) {
    four f;
    UNROLL for (int i = 0; i < 4; i++) f.x[i] = to_bits(c.x[4 * h + i]);
    *(four *)(to + 4 * h) = f;
  }
}

// store_turned writes eight columns of two rows, which lie side by side there; the columns are stride elements apart.
DEVICE void store_turned(uint16_t *to, int stride, const chunk<uint16_t> &a, const chunk<uint16_t> &b) {
  UNROLL for (int i = 0; i < 4; i++) {
    *(uint32_t *)(to + 2 * i * stride) = (a.x[i] & 0xffffu) | b.x[i] << 16;
    *(uint32_t *)(to + (2 * i + 1) * stride) = a.x[i] >> 16 | (b.x[i] & 0xffff0000u);
  }
}

DEVICE void store_turned(float *to, int stride, const chunk<float> &a, const chunk<float> &b) {
  UNROLL for (int i = 0; i < 8; i++) to[i * stride] = a.x[i], to[i * stride + 1] = b.x[i];
}

// panel holds ROWS rows of COLS elements. Its rows are operands by themselves (ALONG: k runs over the columns), or its columns
// are (ACROSS: k runs over the rows), for which matrix units need a turned copy.
template <class E, int ROWS, int COLS, bool ALONG, bool ACROSS>
struct panel {
  typedef tiles<E> T;

  // The padding keeps what lanes read at once in different banks, and 16 bytes aligned.
  enum {
    PAD = 16 / sizeof(E),
    STRIDE = COLS + PAD,
    HEIGHT = ROWS + PAD,
    COPY = ACROSS && T::TURNED,
    PLAIN = ALONG || !COPY,
    PLAIN_SIZE = PLAIN ? ROWS * STRIDE : 0,
    SIZE = PLAIN_SIZE + (COPY ? COLS * HEIGHT : 0)  // elements
  };

  E *plain, *turned;

  METHOD explicit panel(E *room) : plain(room), turned(room + PLAIN_SIZE) {}

  METHOD typename T::right along(int row, int col) const { return T::load_right(plain + row * STRIDE + col, STRIDE, 1); }

  METHOD typename T::right across(int col, int row) const {
    return COPY ? T::load_right(turned + col * HEIGHT + row, HEIGHT, 1) : T::load_right(plain + row * STRIDE + col, 1, STRIDE);
  }

  // fill sets the first cols columns, rounded up to whole tiles, to those of the lines rows(0), rows(1) ... It is work of the whole block.
  template <class F>
  METHOD void fill(const F &rows, int cols) const {
    for (int u = LANE; u < ROWS / 2 * (COLS / 8); u += LANES) {
      const int row = 2 * (COPY ? u % (ROWS / 2) : u / (COLS / 8)), col = 8 * (COPY ? u / (ROWS / 2) : u % (COLS / 8));
      if (col >= (cols + TILE - 1) / TILE * TILE) continue;
      const chunk<E> a = load8<E>(rows(row), col), b = load8<E>(rows(row + 1), col);
      if (PLAIN) {
        store8(plain + row * STRIDE + col, a);
        store8(plain + (row + 1) * STRIDE + col, b);
      }
      if (COPY) store_turned(turned + col * HEIGHT + row, HEIGHT, a, b);
    }
  }
};
