#include "fiber.h"

#include <cstdint>
#include <cstring>

#if defined(__x86_64__) && !defined(STANDIN_UCONTEXT)

asm(R"(
.text
.globl standin_switch
.hidden standin_switch
.type standin_switch, @function
standin_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size standin_switch, . - standin_switch
)");

void *standin::prepare(char *top, void (*entry)()) {
  // As if entry had been called: its return address, which is none, lies 8 bytes off a multiple of 16.
  auto *at = reinterpret_cast<uintptr_t *>(reinterpret_cast<uintptr_t>(top) & ~uintptr_t(15)) - 2;
  at[1] = 0;
  at[0] = reinterpret_cast<uintptr_t>(entry);
  at -= 6;
  memset(at, 0, 6 * sizeof *at);
  return at;
}

#elif defined(__aarch64__) && !defined(STANDIN_UCONTEXT)

asm(R"(
.text
.globl standin_switch
.hidden standin_switch
.type standin_switch, %function
standin_switch:
  sub sp, sp, #160
  stp x19, x20, [sp, #0]
  stp x21, x22, [sp, #16]
  stp x23, x24, [sp, #32]
  stp x25, x26, [sp, #48]
  stp x27, x28, [sp, #64]
  stp x29, x30, [sp, #80]
  stp d8, d9, [sp, #96]
  stp d10, d11, [sp, #112]
  stp d12, d13, [sp, #128]
  stp d14, d15, [sp, #144]
  mov x9, sp
  str x9, [x0]
  mov sp, x1
  ldp x19, x20, [sp, #0]
  ldp x21, x22, [sp, #16]
  ldp x23, x24, [sp, #32]
  ldp x25, x26, [sp, #48]
  ldp x27, x28, [sp, #64]
  ldp x29, x30, [sp, #80]
  ldp d8, d9, [sp, #96]
  ldp d10, d11, [sp, #112]
  ldp d12, d13, [sp, #128]
  ldp d14, d15, [sp, #144]
  add sp, sp, #160
  ret
.size standin_switch, . - standin_switch
)");

void *standin::prepare(char *top, void (*entry)()) {
  auto *at = reinterpret_cast<uintptr_t *>(reinterpret_cast<uintptr_t>(top) & ~uintptr_t(15)) - 20;
  memset(at, 0, 20 * sizeof *at);
  at[11] = reinterpret_cast<uintptr_t>(entry);
  return at;
}

#else

#include <ucontext.h>

// The context lies on the stack that it is of.
extern "C" __attribute__((visibility("hidden"))) void standin_switch(void **from, void *to) {
  ucontext_t here;
  *from = &here;
  swapcontext(&here, static_cast<ucontext_t *>(to));
}

void *standin::prepare(char *top, void (*entry)()) {
  auto *context = reinterpret_cast<ucontext_t *>((reinterpret_cast<uintptr_t>(top) - sizeof(ucontext_t)) & ~uintptr_t(63));
  getcontext(context);
  context->uc_stack.ss_sp = top - stack_bytes + 8192;
  context->uc_stack.ss_size = reinterpret_cast<char *>(context) - static_cast<char *>(context->uc_stack.ss_sp);
  context->uc_link = nullptr;
  makecontext(context, entry, 0);
  return context;
}

#endif
