// What the files of CUDA's driver interface share.
#pragma once

#include "entry.h"
#include "runtime.h"

namespace standin {

// cuda returns the vendor's number.
inline int cuda(outcome o) {
  switch (o) {
    case outcome::ok: return 0;
    case outcome::invalid_value: return 1;
    case outcome::no_memory: return 2;
    case outcome::bad_image: return 200;
    case outcome::wrong_arch: return 209;
    case outcome::bad_handle: return 400;
    case outcome::not_found: return 500;
    case outcome::not_ready: return 600;
    case outcome::bad_address: return 700;
    case outcome::failed: return 719;
  }
  return 999;
}

// A context belongs to a device; one of them is current to a thread, or none.
struct cuda_context {
  int device, retained;
};

// usable returns 0 if calls may be made on this thread: cuInit was called, and a context is current. device is that of the
// context.
int usable(int *device = nullptr);

inline runtime &the() { return runtime::the(); }

}  // namespace standin

#define USABLE(device)                                            \
  int device = 0;                                                 \
  if (const int refused = standin::usable(&device)) return refused
