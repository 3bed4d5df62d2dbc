#include "rtc.h"

#include <mutex>

#include "compiler.h"
#include "settings.h"

namespace standin {

namespace {

struct open_programs {
  std::mutex mutex;
  std::set<rtc_program *> all;
};

open_programs &opened() {
  static auto *o = new open_programs;
  return *o;
}

bool begins(const std::string &text, const std::string &with) { return text.compare(0, with.size(), with) == 0; }

// wave_of returns the wave that kernels for an architecture are made for.
int wave_of(const std::string &arch) {
  for (const device &d : current().devices) {
    if (d.arch == arch) return d.how.wave;
  }
  return begins(arch, "gfx9") ? 64 : 32;
}

}  // namespace

rtc_program *rtc_programs::open(const char *source) {
  auto *p = new rtc_program;
  p->source = source;
  std::lock_guard<std::mutex> lock(opened().mutex);
  opened().all.insert(p);
  return p;
}

bool rtc_programs::has(rtc_program *p) {
  std::lock_guard<std::mutex> lock(opened().mutex);
  return opened().all.count(p) > 0;
}

bool rtc_programs::close(rtc_program *p) {
  std::lock_guard<std::mutex> lock(opened().mutex);
  if (opened().all.erase(p) == 0) return false;
  delete p;
  return true;
}

compiled compile_program(rtc_program &p, const rtc &r, int count, const char *const *options) {
  std::vector<std::string> args;
  bool wave = false;
  p.arch = r.otherwise;
  for (int i = 0; i < count; i++) {
    const std::string o = options[i];
    bool known = false;
    for (const auto &a : r.arch_options) {
      if (begins(o, a)) p.arch = o.substr(a.size()), known = true;
    }
    if (begins(o, "-D") || begins(o, "-U")) {
      args.push_back(o), known = true;
      wave = wave || begins(o, "-DWAVE=");
    }
    for (const auto &k : r.known) known = known || begins(o, k);
    if (!known) {
      p.log = "error: unknown option " + o + "\n";
      return r.unknown;
    }
  }
  // A virtual architecture, compute_89, is compiled for its real one.
  p.for_real = !begins(p.arch, "compute_");
  if (!p.for_real) p.arch = "sm_" + p.arch.substr(8);
  if (!begins(p.arch, "gfx") && !begins(p.arch, "sm_")) {
    p.log = "error: invalid target " + p.arch + "\n";
    return r.unknown;
  }
  if (!wave) args.push_back("-DWAVE=" + std::to_string(wave_of(p.arch)));
  p.path = compile(p.source, args, p.log);
  return p.path.empty() ? compiled::failed : compiled::ok;
}

}  // namespace standin
