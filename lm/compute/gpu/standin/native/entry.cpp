#include "entry.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdarg>
#include <cstdlib>
#include <map>
#include <mutex>
#include <sstream>

namespace standin {

namespace {

enum class kind { code, abort, hang };

struct fault {
  uint64_t from = 1, to = 1;  // of the calls, counted from 1
  kind is = kind::code;
  int code = 0;
};

struct plan {
  std::mutex mutex;
  bool begun = false, faulty = false;
  int log = -1;
  std::map<std::string, std::vector<fault>> faults;
  std::map<std::string, uint64_t> calls;
};

plan &the_plan() {
  static auto *p = new plan;
  return *p;
}

// parse reads "hipMalloc:3=2,hipFree:2+=1,rocblas_create_handle:1=abort".
void parse(const std::string &text, plan &p) {
  std::istringstream in(text);
  for (std::string one; std::getline(in, one, ',');) {
    const size_t colon = one.find(':'), equals = one.find('=');
    if (colon == std::string::npos || equals == std::string::npos || equals < colon) {
      fprintf(stderr, "standin: STANDIN_FAULT: %s is not function:call=code\n", one.c_str());
      abort();
    }
    fault f;
    f.from = f.to = strtoull(one.c_str() + colon + 1, nullptr, 10);
    if (one[equals - 1] == '+') f.to = UINT64_MAX;
    const std::string what = one.substr(equals + 1);
    if (what == "abort") f.is = kind::abort;
    else if (what == "hang") f.is = kind::hang;
    else f.code = atoi(what.c_str());
    p.faults[one.substr(0, colon)].push_back(f);
  }
  p.faulty = !p.faults.empty();
}

void write_line(int file, const std::string &line) {
  // One write, so that lines of several processes do not mix.
  if (file >= 0 && write(file, line.data(), line.size()) < 0) abort();
}

// begin needs the mutex.
void begin(plan &p, const settings &s) {
  if (p.log >= 0) close(p.log);
  p.log = s.log.empty() ? -1 : open(s.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  p.faults.clear();
  p.calls.clear();
  parse(s.fault, p);
  p.begun = true;
}

}  // namespace

void begin_entries(const settings &s) {
  plan &p = the_plan();
  std::lock_guard<std::mutex> lock(p.mutex);
  begin(p, s);
}

int enter(const char *function, const char *format, ...) {
  plan &p = the_plan();
  const settings &s = current();
  fault f;
  {
    std::lock_guard<std::mutex> lock(p.mutex);
    if (!p.begun) begin(p, s);
    if (p.log >= 0) {
      char line[512];
      va_list args;
      va_start(args, format);
      vsnprintf(line, sizeof line, format, args);
      va_end(args);
      write_line(p.log, std::string(function) + (*format == ' ' ? "" : " ") + (*format == ' ' ? "" : line) + "\n");
    }
    if (!p.faulty) return 0;
    const auto found = p.faults.find(function);
    if (found == p.faults.end()) return 0;
    const uint64_t call = ++p.calls[function];
    for (const fault &one : found->second) {
      if (call >= one.from && call <= one.to) f = one;
    }
  }
  if (f.is == kind::abort) abort();
  while (f.is == kind::hang) pause();
  return f.code;
}

void say(const std::string &line) {
  plan &p = the_plan();
  std::lock_guard<std::mutex> lock(p.mutex);
  fprintf(stderr, "standin: %s\n", line.c_str());
  write_line(p.log, "! " + line + "\n");
}

}  // namespace standin
