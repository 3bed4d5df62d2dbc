// What the files of the HIP runtime share.
#pragma once

#include "entry.h"
#include "runtime.h"

namespace standin {

// hip returns the vendor's number.
inline int hip(outcome o) {
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

// The device of this thread.
extern thread_local int hip_device;

inline runtime &the() { return runtime::the(); }

}  // namespace standin
