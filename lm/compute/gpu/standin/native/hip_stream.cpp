// libamdhip64: streams and events.
#include "hip.h"

using namespace standin;

namespace {

constexpr unsigned no_timing = 2;

}  // namespace

extern "C" {

int hipStreamCreate(stream **s) {
  ENTER(" ");
  if (current().devices.empty()) return 100;
  return s ? hip(the().open_stream(hip_device, s)) : 1;
}

int hipStreamCreateWithFlags(stream **s, unsigned flags) {
  ENTER("%u", flags);
  if (current().devices.empty()) return 100;
  return s && flags <= 1 ? hip(the().open_stream(hip_device, s)) : 1;
}

int hipStreamDestroy(stream *s) {
  ENTER("%p", static_cast<void *>(s));
  return s ? hip(the().close_stream(s)) : 400;
}

int hipStreamSynchronize(stream *s) {
  ENTER("%p", static_cast<void *>(s));
  return hip(the().wait_stream(s));
}

int hipStreamQuery(stream *s) {
  ENTER("%p", static_cast<void *>(s));
  return hip(the().wait_stream(s));
}

int hipStreamWaitEvent(stream *s, event *e, unsigned flags) {
  ENTER("%p %p %u", static_cast<void *>(s), static_cast<void *>(e), flags);
  return hip(the().wait_for(s, e));
}

int hipEventCreate(event **e) {
  ENTER(" ");
  return e ? hip(the().open_event(true, e)) : 1;
}

int hipEventCreateWithFlags(event **e, unsigned flags) {
  ENTER("%u", flags);
  return e ? hip(the().open_event(!(flags & no_timing), e)) : 1;
}

int hipEventDestroy(event *e) {
  ENTER("%p", static_cast<void *>(e));
  return hip(the().close_event(e));
}

int hipEventRecord(event *e, stream *s) {
  ENTER("%p %p", static_cast<void *>(e), static_cast<void *>(s));
  return hip(the().record(e, s));
}

int hipEventQuery(event *e) {
  ENTER("%p", static_cast<void *>(e));
  return hip(the().query(e));
}

int hipEventSynchronize(event *e) {
  ENTER("%p", static_cast<void *>(e));
  return hip(the().wait_event(e));
}

int hipEventElapsedTime(float *milliseconds, event *from, event *to) {
  ENTER(" ");
  return milliseconds ? hip(the().elapsed(milliseconds, from, to)) : 1;
}

}  // extern "C"
