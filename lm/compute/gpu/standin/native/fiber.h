// Contexts that are switched between by hand: a stack pointer each, under which the registers that a called function
// must keep are saved.
#pragma once

#include <cstddef>

namespace standin {

// A page that may not be touched lies below each stack.
constexpr size_t stack_bytes = 64 << 10, guard_bytes = 4096;

// switch_to saves the running context to *from and goes on with `to`.
extern "C" void standin_switch(void **from, void *to);

// prepare returns a context that calls entry, which must not return, on the stack that ends at top.
void *prepare(char *top, void (*entry)());

}  // namespace standin
