#include "trap.h"

#include <signal.h>

#include <cstdio>
#include <mutex>

#include "block.h"
#include "memory.h"

namespace standin {

namespace {

constexpr int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL};
struct sigaction before[4];

const struct sigaction &before_of(int signal) {
  int i = 0;
  while (signals[i] != signal) i++;
  return before[i];
}

void handle(int signal, siginfo_t *info, void *context) {
  if (!spmd_current) {
    const struct sigaction &b = before_of(signal);
    if (b.sa_flags & SA_SIGINFO) return b.sa_sigaction(signal, info, context);
    if (b.sa_handler == SIG_DFL || b.sa_handler == SIG_IGN) {
      sigaction(signal, &b, nullptr);  // it happens again, and is not ours
      return;
    }
    return b.sa_handler(signal);
  }
  // The lane runs code of a kernel, which holds no locks: what follows may allocate. The handler is left for good.
  pthread_sigmask(SIG_SETMASK, &static_cast<ucontext_t *>(context)->uc_sigmask, nullptr);
  // The compiler puts an illegal instruction where it sees that what follows is undefined.
  if (signal == SIGILL) worker::running()->fail("undefined behaviour, such as a division by a constant zero or a missing return");
  if (signal == SIGFPE) worker::running()->fail("division of an integer by zero");
  if (worker::running()->is_below_stack(info->si_addr)) worker::running()->fail("the lane's stack is full");
  char address[32];
  snprintf(address, sizeof address, "%p", info->si_addr);
  worker::running()->fail(std::string("access to ") + address + describe_address(info->si_addr), outcome::bad_address);
}

}  // namespace

void catch_faults() {
  static std::once_flag once;
  std::call_once(once, [] {
    struct sigaction ours = {};
    ours.sa_sigaction = handle;
    ours.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigfillset(&ours.sa_mask);
    for (int i = 0; i < 4; i++) sigaction(signals[i], &ours, &before[i]);
  });
}

void enter_thread(char *stack, size_t bytes) {
  sigset_t mask;
  sigfillset(&mask);
  for (int signal : signals) sigdelset(&mask, signal);
  pthread_sigmask(SIG_SETMASK, &mask, nullptr);
  stack_t own = {};
  own.ss_sp = stack;
  own.ss_size = bytes;
  sigaltstack(&own, nullptr);
}

}  // namespace standin
