// A team of threads that works on the pieces of one loop at a time. The pieces are taken one by one, and
// the caller waits only for pieces that somebody has begun: a worker that the system has put aside, on a
// busy machine, holds nobody up. (OpenMP's barriers wait for every thread: with four busy processes beside it a
// token took 50 times longer.)
#pragma once

#include <stddef.h>

typedef struct team team;

// A piece is called with its index and the number of the thread, 0 for the caller of team_run.
typedef void (*team_piece)(void *context, int index, int thread);

// team_open starts threads-1 workers and returns the team, or null. One thread at a time may use it.
team *team_open(int threads);
void team_close(team *t);

// team_run calls piece for the indexes 0 to n-1 and returns when all are done.
void team_run(team *t, int n, team_piece piece, void *context);

// team_run_near does the same, and each thread takes indexes that are next to each other as long as there are such:
// what it has asked for ahead is then its own.
void team_run_near(team *t, int n, team_piece piece, void *context);

// parallel calls f(index, thread) for the indexes 0 to n-1.
template <class F>
static inline void parallel(team *t, int n, F f) {
  team_run(t, n, [](void *context, int index, int thread) { (*(F *)context)(index, thread); }, &f);
}

// parallel_near is parallel by team_run_near.
template <class F>
static inline void parallel_near(team *t, int n, F f) {
  team_run_near(t, n, [](void *context, int index, int thread) { (*(F *)context)(index, thread); }, &f);
}
