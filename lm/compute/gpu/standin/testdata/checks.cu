// Kernels that do what they may, and kernels that do not. All have the same arguments.

struct job {
  float *out;
  const float *in;
  int n, unused;
};

#define JOB(name, threads)    \
  typedef job name##_args;    \
  KERNEL(name, threads)

// Lanes write their sums with those before them, by way of shared memory.
JOB(scan, 1024) {
  SHARED(float, room, 1024);
  room[LANE] = a.in[LANE];
  BARRIER();
  for (int step = 1; step < LANES; step *= 2) {
    const float add = LANE >= step ? room[LANE - step] : 0.0f;
    BARRIER();
    room[LANE] += add;
    BARRIER();
  }
  a.out[LANE] = room[LANE];
}

JOB(reverse_wave, 1024) { a.out[LANE] = WAVE_FROM(a.in[LANE], WAVE - 1 - LANE % WAVE); }

JOB(wave_sums, 1024) { a.out[LANE] = wave_sum(a.in[LANE]); }

JOB(wide, 1024) {
  const uint64_t value = (uint64_t)LANE << 32 | 7u;
  a.out[LANE] = (float)(WAVE_XOR(value, 1) >> 32);
}

JOB(dynamic_reverse, 1024) {
  DYNAMIC(float, room);
  room[LANE] = a.in[LANE];
  BARRIER();
  a.out[LANE] = room[LANES - 1 - LANE];
}

// Each lane may change its arguments and has a stack of its own.
JOB(own_arguments, 1024) {
  float mine[64];
  for (int i = 0; i < 64; i++) mine[i] = (float)(LANE + i);
  a.n = LANE;
  BARRIER();
  float sum = (float)a.n;
  for (int i = 0; i < 64; i++) sum += mine[i];
  a.out[LANE] = sum;
}

// Returning at once is fine where nobody waits.
JOB(early_return, 256) {
  const int i = BLOCK_X * LANES + LANE;
  if (i >= a.n) return;
  a.out[i] = a.in[i] + 1;
}

JOB(places, 32) {
  if (LANE != 0) return;
  a.out[(BLOCK_Z * BLOCKS_Y + BLOCK_Y) * BLOCKS_X + BLOCK_X] = (float)(BLOCK_X + 10 * BLOCK_Y + 100 * BLOCK_Z);
}

// The first lane to come leaves its number: another order, another result.
JOB(race, 64) {
  SHARED(int, first, 1);
  if (first[0] < 0 || first[0] > 64) first[0] = LANE;
  BARRIER();
  a.out[LANE] = (float)first[0];
}

JOB(wrong_returned, 1024) {
  if (LANE == 70) return;
  BARRIER();
}

JOB(wrong_barriers, 1024) {
  if (LANE < 40) {
    BARRIER();
  } else {
    BARRIER();
  }
}

JOB(wrong_shuffle, 1024) {
  if (LANE % WAVE < 5) a.out[LANE] = WAVE_XOR(1.0f, 1);
}

JOB(wrong_shuffles, 1024) {
  float v = 1;
  if (LANE % 2) {
    v = WAVE_XOR(v, 1);
  } else {
    v = WAVE_XOR(v, 2);
  }
  a.out[LANE] = v;
}

JOB(wrong_shuffle_and_barrier, 1024) {
  if (LANE == 3) BARRIER();
  else a.out[LANE] = WAVE_XOR(1.0f, 1);
}

JOB(wrong_source, 1024) { a.out[LANE] = WAVE_FROM(1.0f, WAVE); }

JOB(too_much_shared, 64) {
  SHARED(float, most, 16000);
  SHARED(float, more, 500);
  most[LANE] = more[LANE] = 0;
}

JOB(shared_overrun, 64) {
  SHARED(float, small, 32);
  small[LANE % 33] = 1;
}

JOB(dynamic_overrun, 64) {
  DYNAMIC(float, room);
  room[LANE] = 1;
}

JOB(undefined_shared, 64) {
  SHARED(float, room, 64);
  a.out[LANE] = room[LANE];
}

JOB(wild, 64) {
  if (LANE == 9) a.out[1 << 28] = 1;
}

JOB(null, 64) { a.out[LANE] = ((const volatile float *)0)[LANE]; }

JOB(divide, 64) { a.out[LANE] = (float)(7 / (a.n - 5)); }

JOB(deep, 64) {
  volatile char much[80000];
  for (int i = 79999; i >= 0; i -= 64) much[i] = 1;
  a.out[LANE] = much[LANE];
}

JOB(for_few, 64) { a.out[LANE] = 1; }

#if WAVE == 32
struct product_args {
  const uint16_t *a, *b;  // [rows, 16] and [columns, 16], row-major
  const float *c;
  float *d;
  int differ, unused;
};

typedef product_args wmma_args;
KERNEL(wmma, 32) {
  uint16_t left[16], right[16];
  for (int k = 0; k < 16; k++) {
    left[k] = a.a[LANE % 16 * 16 + k];
    right[k] = a.b[LANE % 16 * 16 + k];
  }
  if (LANE == 20 && a.differ) left[3] ^= 1;
  float c[8], d[8];
  for (int i = 0; i < 8; i++) c[i] = a.c[(2 * i + LANE / 16) * 16 + LANE % 16];
  spmd_wmma_16x16x16(d, left, right, c);
  for (int i = 0; i < 8; i++) a.d[(2 * i + LANE / 16) * 16 + LANE % 16] = d[i];
}

// As in the PTX manual's figures: lane = 4·group + t.
typedef product_args mma_args;
KERNEL(mma, 32) {
  const int group = LANE / 4, t = LANE % 4;
  uint32_t left[4], right[2];
  for (int i = 0; i < 8; i += 2) {
    const int row = group + (i & 2 ? 8 : 0), k = 2 * t + (i >= 4 ? 8 : 0);
    left[i / 2] = a.a[row * 16 + k] | (uint32_t)a.a[row * 16 + k + 1] << 16;
  }
  for (int i = 0; i < 4; i += 2) {
    const int k = 2 * t + (i >= 2 ? 8 : 0);
    right[i / 2] = a.b[group * 16 + k] | (uint32_t)a.b[group * 16 + k + 1] << 16;
  }
  float c[4], d[4];
  for (int i = 0; i < 4; i++) c[i] = a.c[(group + (i >= 2 ? 8 : 0)) * 8 + 2 * t + (i & 1)];
  if (a.differ && LANE == 31) return;
  spmd_mma_m16n8k16(d, left, right, c);
  for (int i = 0; i < 4; i++) a.d[(group + (i >= 2 ? 8 : 0)) * 8 + 2 * t + (i & 1)] = d[i];
}
#endif
