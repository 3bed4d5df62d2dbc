// Panels are what blocks keep in local memory of matrices, as right operands of tiles; patches are what results pass through.
#pragma once

// line is a part of a row of a view: cols elements, a multiple of 8, that begin at a multiple of 16 bytes. Those beyond are 0.
struct line {
  const void *data;
  int cols, half;
};

// line_of returns cols elements of a row from a column on, or the empty line.
DEVICE line line_of(const view &m, int row, int column, int cols, bool wanted) {
  line l;
  const int64_t at = row * m.stride + column;
  l.data = m.half ? (const void *)((const uint16_t *)m.data + at) : (const void *)((const float *)m.data + at);
  l.cols = wanted ? cols : 0;
  l.half = m.half;
  return l;
}

// load8 fetches the elements [k, k+8) of a line, rounded to bfloat16.
DEVICE four load8(const line &l, int k) {
  four f;
  if (k >= l.cols) {
    UNROLL for (int i = 0; i < 4; i++) f.x[i] = 0;
  } else if (l.half) {
    f = *(const four *)((const uint16_t *)l.data + k);
  } else {
    UNROLL for (int h = 0; h < 2; h++) {
      const four x = *(const four *)((const float *)l.data + k + 4 * h);
      f.x[2 * h] = pack(from_bits(x.x[0]), from_bits(x.x[1]));
      f.x[2 * h + 1] = pack(from_bits(x.x[2]), from_bits(x.x[3]));
    }
  }
  return f;
}

// store_turned writes eight columns of two rows, which lie side by side there; the columns are stride elements apart.
DEVICE void store_turned(uint16_t *to, int stride, const four &a, const four &b) {
  UNROLL for (int i = 0; i < 4; i++) {
    *(uint32_t *)(to + 2 * i * stride) = (a.x[i] & 0xffffu) | b.x[i] << 16;
    *(uint32_t *)(to + (2 * i + 1) * stride) = a.x[i] >> 16 | (b.x[i] & 0xffff0000u);
  }
}

// panel holds ROWS rows of COLS elements. Its rows are right operands (ALONG: k runs over the columns), or its columns are (ACROSS: k
// runs over the rows), or both.
template <int ROWS, int COLS, bool ALONG, bool ACROSS>
struct panel {
  // The padding keeps what lanes read at once in different banks, and 16 bytes aligned.
  enum {
    STRIDE = COLS + 8,
    HEIGHT = ROWS + 8,
    PLAIN_SIZE = ALONG ? ROWS * STRIDE : 0,
    SIZE = PLAIN_SIZE + (ACROSS ? COLS * HEIGHT : 0)  // elements
  };

  uint16_t *plain, *turned;

  METHOD explicit panel(uint16_t *room) : plain(room), turned(room + PLAIN_SIZE) {}

  METHOD tiles::right along(int row, int col) const { return tiles::load_right(plain + row * STRIDE + col, STRIDE); }
  METHOD tiles::right across(int col, int row) const { return tiles::load_right(turned + col * HEIGHT + row, HEIGHT); }

  // fill sets the first cols columns, rounded up to whole tiles, to those of the lines rows(0), rows(1) ... It is work of the whole block.
  template <class F>
  METHOD void fill(const F &rows, int cols) const {
    for (int u = LANE; u < ROWS / 2 * (COLS / 8); u += LANES) {
      // Lanes side by side write pairs of rows side by side, or else read a row together.
      const int row = 2 * (ACROSS ? u % (ROWS / 2) : u / (COLS / 8)), col = 8 * (ACROSS ? u / (ROWS / 2) : u % (COLS / 8));
      if (col >= (cols + TILE - 1) / TILE * TILE) continue;
      const four a = load8(rows(row), col), b = load8(rows(row + 1), col);
      if (ALONG) {
        *(four *)(plain + row * STRIDE + col) = a;
        *(four *)(plain + (row + 1) * STRIDE + col) = b;
      }
      if (ACROSS) store_turned(turned + col * HEIGHT + row, HEIGHT, a, b);
    }
  }
};

// line_rows lets fetch read a lane's lines from a column on.
struct line_rows {
  const line *lines;
  int col;

  METHOD four operator()(int slot, int k) const { return load8(lines[slot], col + k); }
};

// operand is a team's sixteen rows as left operands, for all of COLS. KEEP holds them in registers; otherwise they are fetched
// again each time.
template <int COLS, bool KEEP>
struct operand {
  line lines[tiles::SLOTS];
  tiles::left kept[KEEP ? COLS / TILE : 1];

  // first is the lines' first row for this team.
  template <class F>
  METHOD void set(const F &rows, int first) {
    UNROLL for (int s = 0; s < tiles::SLOTS; s++) lines[s] = rows(first + tiles::row(s));
    if (KEEP) {
      UNROLL for (int k = 0; k < COLS / TILE; k++) kept[k] = tiles::fetch(line_rows{lines, k * TILE});
    }
  }

  METHOD tiles::left at(int k) const { return KEEP ? kept[KEEP ? k : 0] : tiles::fetch(line_rows{lines, k * TILE}); }
};

// each_tile calls f(k) for all tiles of dim columns. What is kept in registers must be unrolled; what is not had better be rolled.
template <int COLS, bool KEPT, class F>
DEVICE void each_tile(int dim, F &f) {
  if (KEPT) {
    UNROLL for (int k = 0; k < COLS / TILE; k++)
      if (k * TILE < dim) f(k);
  } else {
    ROLLED for (int k = 0; k * TILE < dim; k++) f(k);
  }
}

// put8 writes the first n of eight numbers to elements at, at + 1 ... of a view.
DEVICE void put8(const view &m, int64_t at, int n, const float *x) {
  const int bytes = m.half ? 2 : 4;
  unsigned char *to = (unsigned char *)m.data + at * bytes;
  if (n < 8 || ((uint64_t)to & 15) != 0) {
    ROLLED for (int i = 0; i < n && i < 8; i++) {
      if (m.half) ((uint16_t *)to)[i] = to_bfloat16(x[i]);
      else ((float *)to)[i] = x[i];
    }
  } else if (m.half) {
    four f;
    UNROLL for (int i = 0; i < 4; i++) f.x[i] = pack(x[2 * i], x[2 * i + 1]);
    *(four *)to = f;
  } else {
    UNROLL for (int h = 0; h < 2; h++) {
      four f;
      UNROLL for (int i = 0; i < 4; i++) f.x[i] = to_bits(x[4 * h + i]);
      ((four *)to)[h] = f;
    }
  }
}

// A patch is local memory of a team for two tiles side by side.
enum { PATCH_STRIDE = 2 * TILE + 1, PATCH = TILE * PATCH_STRIDE };

// write_sums hands a team's TILES tiles side by side to to(row, col, x), eight columns x at a time, row by row, so that lanes side by side
// write elements side by side. The sums of each slot are multiplied by its factor. patches has PATCH floats for each team. All lanes of the
// block must call it.
template <int TILES, class F>
DEVICE void write_sums(const sums *t, const float *factor, const F &to, float *patches) {
  float *patch = patches + LANE / TEAM * PATCH;
  UNROLL for (int d = 0; d < TILES; d += 2) {
    const int cols = d + 1 < TILES ? 2 * TILE : TILE;
    BARRIER();
    UNROLL for (int h = 0; h < cols / TILE; h++)
      UNROLL for (int e = 0; e < 8; e++) {
        const int s = tiles::slot(e);
        patch[tiles::row(s) * PATCH_STRIDE + h * TILE + tiles::col(e)] = t[d + h].x[e] * factor[s];
      }
    BARRIER();
    ROLLED for (int u = LANE % TEAM; u < TILE * cols / 8; u += TEAM) {
      const int row = u / (cols / 8), col = u % (cols / 8) * 8;
      to(row, d * TILE + col, patch + row * PATCH_STRIDE + col);
    }
  }
}
