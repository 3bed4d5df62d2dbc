// What the files of the runtime share.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <set>

#include "runtime.h"

namespace standin {

struct runtime::state {
  std::recursive_mutex mutex;
  outcome failed = outcome::ok;
  std::deque<std::function<outcome(std::string &)>> late;
  std::set<stream *> streams;
  std::set<event *> events;
  std::map<module *, std::vector<std::unique_ptr<function>>> modules;
};

}  // namespace standin

#define LOCK std::lock_guard<std::recursive_mutex> lock(s_->mutex)
#define IF_FAILED \
  LOCK;           \
  if (s_->failed != outcome::ok) return s_->failed
