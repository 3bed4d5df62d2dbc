// What a kernel does that stops a processor, told as the lane's fault.
#pragma once

#include <cstddef>

namespace standin {

constexpr size_t signal_stack_bytes = 64 << 10;

// catch_faults puts our handler before the one that is there, which still gets what is not ours. Calls after the first do
// nothing.
void catch_faults();

// enter_thread prepares a thread of our own, whose signals run on the given stack.
void enter_thread(char *stack, size_t bytes);

}  // namespace standin
