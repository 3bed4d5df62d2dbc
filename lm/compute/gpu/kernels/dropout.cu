// Dropout of an adapter's input. The mask is defined at compute.Dropout.

// mask has the numbers that it is a function of; keep is 1/(1-p).
struct mask {
  uint32_t key[2], stream, threshold, row;
  float keep;
};

// philox sets the four words of Philox4x32-10 for a counter (Salmon et al. 2011, table 2 and section 4.3).
DEVICE void philox(uint32_t *c, uint32_t k0, uint32_t k1) {
#pragma unroll
  for (int round = 0; round < 10; round++) {
    const uint64_t p0 = (uint64_t)0xD2511F53u * c[0], p1 = (uint64_t)0xCD9E8D57u * c[2];
    c[0] = (uint32_t)(p1 >> 32) ^ c[1] ^ k0;
    c[1] = (uint32_t)p1;
    c[2] = (uint32_t)(p0 >> 32) ^ c[3] ^ k1;
    c[3] = (uint32_t)p0;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
}

struct dropout_args {
  view dst, src;
  mask m;
  int32_t add, unused;
};

// dst = dropout(src), or is added to. One counter gives the draws of eight columns.
KERNEL(dropout, 256) {
  const spot s = spot_of(a.dst.rows, a.dst.cols);
  if (!s.inside) return;
  uint32_t words[4] = {(uint32_t)s.col / 8, a.m.row + (uint32_t)s.row, a.m.stream, 0};
  philox(words, a.m.key[0], a.m.key[1]);
  eight e = get8(a.src, s.row, s.col);
#pragma unroll
  for (int i = 0; i < 8; i++) {
    const uint32_t draw = words[i / 2] >> (16 * (i % 2)) & 0xffffu;
    e.v[i] = draw < a.m.threshold ? 0.0f : e.v[i] * a.m.keep;
  }
  if (a.add) {
    const eight before = get8(a.dst, s.row, s.col);
#pragma unroll
    for (int i = 0; i < 8; i++) e.v[i] += before.v[i];
  }
  put8(a.dst, s.row, s.col, e);
}
