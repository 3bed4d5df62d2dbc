// Sums and the like over lanes, in an order that is always the same.

// A team is 32 lanes, a wave or half of one, so that launches and results do not depend on the size of waves.
enum { TEAM_LANES = 32 };

// team_sum returns the sum over the team's lanes in each of them. All lanes of a wave must call it.
DEVICE float team_sum(float v) {
#pragma unroll
  for (int o = TEAM_LANES / 2; o > 0; o /= 2) v += WAVE_XOR(v, o);
  return v;
}

// block_fold returns what joining the values of all lanes gives in each of them: into.join(other) for a power of two of
// lanes. room has place for one of each lane. All lanes must call it.
template <class T>
DEVICE T block_fold(T v, T *room) {
  BARRIER();
  room[LANE] = v;
  for (int o = LANES / 2; o > 0; o /= 2) {
    BARRIER();
    if (LANE < o) {
      v.join(room[LANE + o]);
      room[LANE] = v;
    }
  }
  BARRIER();
  return room[0];
}

// total is a sum in float64, for block_fold.
struct total {
  double sum;
  MEMBER void join(const total &other) { sum += other.sum; }
};
