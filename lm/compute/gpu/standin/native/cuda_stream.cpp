// libcuda: streams and events.
#include "cuda.h"

using namespace standin;

namespace {

constexpr unsigned no_timing = 2;

}  // namespace

extern "C" {

int cuStreamCreate(stream **s, unsigned flags) {
  ENTER("%u", flags);
  USABLE(device);
  return s && flags <= 1 ? cuda(the().open_stream(device, s)) : 1;
}

int cuStreamDestroy_v2(stream *s) {
  ENTER("%p", static_cast<void *>(s));
  USABLE(device);
  return s ? cuda(the().close_stream(s)) : 400;
}

int cuStreamSynchronize(stream *s) {
  ENTER("%p", static_cast<void *>(s));
  USABLE(device);
  return cuda(the().wait_stream(s));
}

int cuStreamWaitEvent(stream *s, event *e, unsigned flags) {
  ENTER("%p %p %u", static_cast<void *>(s), static_cast<void *>(e), flags);
  USABLE(device);
  return cuda(the().wait_for(s, e));
}

int cuEventCreate(event **e, unsigned flags) {
  ENTER("%u", flags);
  USABLE(device);
  return e ? cuda(the().open_event(!(flags & no_timing), e)) : 1;
}

int cuEventDestroy_v2(event *e) {
  ENTER("%p", static_cast<void *>(e));
  USABLE(device);
  return cuda(the().close_event(e));
}

int cuEventRecord(event *e, stream *s) {
  ENTER("%p %p", static_cast<void *>(e), static_cast<void *>(s));
  USABLE(device);
  return cuda(the().record(e, s));
}

int cuEventQuery(event *e) {
  ENTER("%p", static_cast<void *>(e));
  USABLE(device);
  return cuda(the().query(e));
}

int cuEventSynchronize(event *e) {
  ENTER("%p", static_cast<void *>(e));
  USABLE(device);
  return cuda(the().wait_event(e));
}

int cuEventElapsedTime(float *milliseconds, event *from, event *to) {
  ENTER(" ");
  USABLE(device);
  return milliseconds ? cuda(the().elapsed(milliseconds, from, to)) : 1;
}

}  // extern "C"
