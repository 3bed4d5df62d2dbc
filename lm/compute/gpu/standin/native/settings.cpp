#include "settings.h"

#include <atomic>
#include <cstdlib>
#include <mutex>
#include <sstream>

#include "entry.h"

namespace standin {

namespace {

std::string variable(const char *name, const char *otherwise) {
  const char *value = getenv(name);
  return value && *value ? value : otherwise;
}

uint64_t number(const char *name, uint64_t otherwise) { return strtoull(variable(name, std::to_string(otherwise).c_str()).c_str(), nullptr, 0); }

// item returns the i-th of a list with commas, or its last, of those that begin with a prefix.
std::string item(const std::string &list, int i, const std::string &prefix = "") {
  std::istringstream in(list);
  std::string last;
  for (std::string one; std::getline(in, one, ',');) {
    if (one.rfind(prefix, 0) != 0) continue;
    last = one;
    if (i-- == 0) break;
  }
  return last;
}

// bytes reads 512M or 20G.
uint64_t bytes(const std::string &text) {
  char *end;
  const uint64_t n = strtoull(text.c_str(), &end, 0);
  switch (*end) {
    case 'K': return n << 10;
    case 'M': return n << 20;
    case 'G': return n << 30;
    default: return n;
  }
}

device read_device(int i) {
  device d;
  const std::string archs = variable("STANDIN_ARCH", "gfx1100,sm_89");
  d.arch = item(archs, i, "gfx");
  d.sm = item(archs, i, "sm_");
  if (d.arch.empty()) d.arch = "gfx1100";
  if (d.sm.empty()) d.sm = "sm_89";
  d.memory = bytes(item(variable("STANDIN_MEMORY", "4G"), i));
  d.integrated = item(variable("STANDIN_INTEGRATED", "0"), i) == "1";
  const char *wave = d.arch.rfind("gfx9", 0) == 0 ? "64" : "32";
  d.how.wave = atoi(item(variable("STANDIN_WAVE", wave), i).c_str());
  d.how.seed = number("STANDIN_SEED", 0);
  d.how.threads = int(number("STANDIN_THREADS", 1));
  d.how.shared = uint32_t(number("STANDIN_SHARED", 65536));
  return d;
}

const settings *read() {
  auto *s = new settings;
  const int count = int(number("STANDIN_DEVICES", 1));
  for (int i = 0; i < count; i++) s->devices.push_back(read_device(i));
  s->late = number("STANDIN_LATE", 0) != 0;
  s->mixed = number("STANDIN_MIXED", 1) != 0;
  s->tensile = number("STANDIN_NO_TENSILE", 0) == 0;
  s->log = variable("STANDIN_LOG", "");
  s->fault = variable("STANDIN_FAULT", "");
  return s;
}

// Older settings are kept: somebody may still look at them.
std::atomic<const settings *> now{nullptr};
std::mutex reading;

}  // namespace

const settings &current() {
  if (const settings *s = now.load(std::memory_order_acquire)) return *s;
  std::lock_guard<std::mutex> lock(reading);
  if (!now.load()) now = read();
  return *now.load();
}

void read_again() {
  std::lock_guard<std::mutex> lock(reading);
  now = read();
  begin_entries(*now.load());
}

}  // namespace standin
