// libhiprtc.
#include "code.h"
#include "entry.h"
#include "rtc.h"

#include <cstring>

using namespace standin;

namespace {

enum { ok, out_of_memory, creation_failed, invalid_input, invalid_program, invalid_option, compilation, internal = 11 };

rtc_programs programs;

// What clang takes, and does nothing here.
const rtc &manner_of_clang() {
  static const auto *r = new rtc{
      {"--gpu-architecture=", "--offload-arch="}, {"-O", "-f", "-std=", "--std=", "-W", "-w", "-m", "-I", "-g", "-include"}, "", compiled::failed};
  return *r;
}

std::string code_of(const rtc_program *p) { return wrap(p->arch, read_file(p->path)); }

}  // namespace

extern "C" {

int hiprtcVersion(int *major, int *minor) {
  ENTER(" ");
  *major = 6, *minor = 3;
  return ok;
}

int hiprtcCreateProgram(rtc_program **p, const char *source, const char *name, int count, const char *const *headers, const char *const *names) {
  ENTER("%s", name ? name : "null");
  if (!p || !source) return invalid_input;
  if (count > 0 && (!headers || !names)) return invalid_input;
  *p = programs.open(source);
  return ok;
}

int hiprtcCompileProgram(rtc_program *p, int count, const char *const *options) {
  std::string all;
  for (int i = 0; i < count; i++) all += std::string(" ") + options[i];
  ENTER("%s", all.c_str());
  if (!programs.has(p)) return invalid_program;
  rtc r = manner_of_clang();
  if (!current().devices.empty()) r.otherwise = current().devices[0].arch;
  switch (compile_program(*p, r, count, options)) {
    case compiled::ok: return ok;
    case compiled::invalid_option: return invalid_option;
    default: return compilation;
  }
}

int hiprtcGetProgramLogSize(rtc_program *p, size_t *bytes) {
  ENTER(" ");
  if (!programs.has(p)) return invalid_program;
  *bytes = p->log.size() + 1;
  return ok;
}

int hiprtcGetProgramLog(rtc_program *p, char *log) {
  ENTER(" ");
  if (!programs.has(p)) return invalid_program;
  memcpy(log, p->log.c_str(), p->log.size() + 1);
  return ok;
}

int hiprtcGetCodeSize(rtc_program *p, size_t *bytes) {
  ENTER(" ");
  if (!programs.has(p) || p->path.empty()) return invalid_program;
  *bytes = code_of(p).size();
  return ok;
}

int hiprtcGetCode(rtc_program *p, char *code) {
  ENTER(" ");
  if (!programs.has(p) || p->path.empty()) return invalid_program;
  const std::string all = code_of(p);
  memcpy(code, all.data(), all.size());
  return ok;
}

int hiprtcDestroyProgram(rtc_program **p) {
  ENTER(" ");
  if (!p || !programs.close(*p)) return invalid_program;
  *p = nullptr;
  return ok;
}

const char *hiprtcGetErrorString(int result) {
  switch (result) {
    case ok: return "HIPRTC_SUCCESS";
    case out_of_memory: return "HIPRTC_ERROR_OUT_OF_MEMORY";
    case creation_failed: return "HIPRTC_ERROR_PROGRAM_CREATION_FAILURE";
    case invalid_input: return "HIPRTC_ERROR_INVALID_INPUT";
    case invalid_program: return "HIPRTC_ERROR_INVALID_PROGRAM";
    case invalid_option: return "HIPRTC_ERROR_INVALID_OPTION";
    case compilation: return "HIPRTC_ERROR_COMPILATION";
    default: return "HIPRTC_ERROR_INTERNAL_ERROR";
  }
}

}  // extern "C"
