// The runtime's streams and events.
#include <chrono>

#include "runtime_state.h"

namespace standin {

namespace {

double seconds() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

}  // namespace

outcome runtime::open_stream(int device, stream **s) {
  IF_FAILED;
  *s = new stream{device};
  s_->streams.insert(*s);
  return outcome::ok;
}

outcome runtime::close_stream(stream *s) {
  if (const outcome o = wait_stream(s); o != outcome::ok) return o;
  LOCK;
  if (s_->streams.erase(s) == 0) return outcome::bad_handle;
  delete s;
  return outcome::ok;
}

bool runtime::has(stream *s) const {
  LOCK;
  return !s || s_->streams.count(s) > 0;
}

outcome runtime::wait_stream(stream *s) { return has(s) ? wait() : outcome::bad_handle; }

outcome runtime::open_event(bool timed, event **e) {
  IF_FAILED;
  *e = new event;
  (*e)->timed = timed;
  s_->events.insert(*e);
  return outcome::ok;
}

outcome runtime::close_event(event *e) {
  if (const outcome o = wait(); o != outcome::ok) return o;
  LOCK;
  if (s_->events.erase(e) == 0) return outcome::bad_handle;
  delete e;
  return outcome::ok;
}

outcome runtime::record(event *e, stream *s) {
  LOCK;
  if (s_->events.count(e) == 0) return outcome::bad_handle;
  e->recorded = true;
  e->done = false;
  return submit(s, [e](std::string &) {
    e->done = true;
    e->at = seconds();
    return outcome::ok;
  });
}

outcome runtime::query(event *e) {
  IF_FAILED;
  if (s_->events.count(e) == 0) return outcome::bad_handle;
  if (!e->recorded || e->done) return outcome::ok;
  wait();  // work goes on between two questions
  return outcome::not_ready;
}

outcome runtime::wait_event(event *e) {
  LOCK;
  return s_->events.count(e) == 0 ? outcome::bad_handle : wait();
}

outcome runtime::wait_for(stream *s, event *e) {
  IF_FAILED;
  return has(s) && s_->events.count(e) > 0 ? outcome::ok : outcome::bad_handle;
}

outcome runtime::elapsed(float *milliseconds, event *from, event *to) {
  IF_FAILED;
  if (s_->events.count(from) == 0 || s_->events.count(to) == 0) return outcome::bad_handle;
  if (!from->timed || !to->timed || !from->recorded || !to->recorded) return outcome::bad_handle;
  if (!from->done || !to->done) return outcome::not_ready;
  *milliseconds = float((to->at - from->at) * 1e3);
  return outcome::ok;
}

}  // namespace standin
