#include "team.h"

#include <omp.h>
#include <signal.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace {

// How long a worker without work looks for more before it sleeps: longer than the gaps inside a pass,
// so that it is awake for the next operation, and short enough to leave the processor to others.
constexpr std::chrono::microseconds patience(200);

inline void relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

// oneDNN must not start threads of its own: its products are pieces of our loops. The setting belongs to
// the calling thread.
void stay_single() { omp_set_num_threads(1); }

// Signals are the Go runtime's business.
void block_signals() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

// A region is a thread's share of a loop that is run near. Others take from it when theirs are done.
struct alignas(64) region {
  std::atomic<int> next{0};
  int end = 0;
};

}  // namespace

// The ticket holds the number of the loop in its upper half and the next index in its lower half. A thread
// reads ticket and job, then takes the index by compare-and-swap on the ticket that it read, so it never
// runs a piece of one loop with the function of another.
struct team {
  std::atomic<uint64_t> ticket{0};
  std::atomic<uint32_t> size{0}, done{0};
  std::atomic<team_piece> piece{nullptr};
  std::atomic<void *> context{nullptr};

  std::mutex mutex;
  std::condition_variable wake;
  std::atomic<int> asleep{0};
  std::atomic<bool> closing{false};
  std::vector<std::thread> workers;
  std::vector<region> regions;  // one for each thread

  explicit team(int threads) : regions((size_t)threads) {}

  // work takes pieces of the loop that ticket t belongs to until none is left.
  void work(uint64_t t, int thread) {
    const uint64_t loop = t >> 32;
    while (t >> 32 == loop) {
      const uint32_t index = (uint32_t)t;
      const team_piece f = piece.load(std::memory_order_acquire);
      void *c = context.load(std::memory_order_acquire);
      if (index >= size.load(std::memory_order_acquire)) return;
      if (!ticket.compare_exchange_weak(t, t + 1, std::memory_order_acq_rel)) continue;
      f(c, (int)index, thread);
      done.fetch_add(1, std::memory_order_release);
      t = ticket.load(std::memory_order_acquire);
    }
  }

  // next waits for a loop other than the given one.
  uint64_t next(uint64_t loop) {
    const auto end = std::chrono::steady_clock::now() + patience;
    for (int i = 1;; i++) {
      const uint64_t t = ticket.load(std::memory_order_acquire);
      if (t >> 32 != loop || closing.load(std::memory_order_relaxed)) return t;
      relax();
      if (i % 64 == 0 && std::chrono::steady_clock::now() > end) break;
    }
    std::unique_lock<std::mutex> lock(mutex);
    asleep.fetch_add(1);
    wake.wait(lock, [&] { return ticket.load() >> 32 != loop || closing.load(); });
    asleep.fetch_sub(1);
    return ticket.load(std::memory_order_acquire);
  }

  void serve(int thread) {
    block_signals();
    stay_single();
    uint64_t t = 0;
    while (!closing.load()) {
      t = next(t >> 32);
      work(t, thread);
    }
  }

  void run(uint32_t n, team_piece f, void *c) {
    // First the last loop's ticket is withdrawn, then the job is changed: whoever has seen a part of the
    // new job cannot take an index with the old ticket.
    const uint64_t loop = ticket.load() >> 32;
    ticket.exchange((loop + 1) << 32 | UINT32_MAX);
    piece.store(f, std::memory_order_release);
    context.store(c, std::memory_order_release);
    size.store(n, std::memory_order_release);
    done.store(0, std::memory_order_release);
    ticket.store((loop + 2) << 32);  // ordered with asleep: a worker sees the ticket or is seen asleep
    if (asleep.load() > 0) {
      std::lock_guard<std::mutex> lock(mutex);
      wake.notify_all();
    }
    work((loop + 2) << 32, 0);
    for (int i = 0; done.load(std::memory_order_acquire) < n; i++) {
      if (i < 4096)
        relax();
      else
        std::this_thread::yield();
    }
  }
};

team *team_open(int threads) {
  stay_single();
  team *t = nullptr;
  try {
    t = new team(threads);
    for (int i = 1; i < threads; i++) t->workers.emplace_back([t, i] { t->serve(i); });
  } catch (const std::exception &) {  // of memory, or of threads
    if (t) team_close(t);
    return nullptr;
  }
  return t;
}

void team_close(team *t) {
  {
    std::lock_guard<std::mutex> lock(t->mutex);
    t->closing.store(true);
    t->wake.notify_all();
  }
  for (std::thread &w : t->workers) w.join();
  delete t;
}

void team_run(team *t, int n, team_piece piece, void *context) {
  if (n > 1 && !t->workers.empty()) return t->run((uint32_t)n, piece, context);
  for (int i = 0; i < n; i++) piece(context, i, 0);
}

void team_run_near(team *t, int n, team_piece piece, void *context) {
  struct near_loop {
    team *t;
    team_piece piece;
    void *context;
  } loop = {t, piece, context};
  const int regions = (int)t->regions.size();
  for (int i = 0; i < regions; i++) {
    t->regions[(size_t)i].next.store((int)((int64_t)n * i / regions), std::memory_order_relaxed);
    t->regions[(size_t)i].end = (int)((int64_t)n * (i + 1) / regions);
  }
  // Whoever has an index of the loop takes one piece: there are as many of them as pieces, so it finds one.
  team_run(t, n, [](void *context, int, int thread) {
    const near_loop *loop = (const near_loop *)context;
    const int regions = (int)loop->t->regions.size();
    for (int i = 0; i < regions; i++) {
      region &r = loop->t->regions[(size_t)((thread + i) % regions)];
      const int index = r.next.fetch_add(1, std::memory_order_relaxed);
      if (index < r.end) return loop->piece(loop->context, index, thread);
    }
  }, &loop);
}
