// libnvrtc.
#include "code.h"
#include "entry.h"
#include "rtc.h"

#include <cstring>

using namespace standin;

namespace {

enum { ok, out_of_memory, creation_failed, invalid_input, invalid_program, invalid_option, compilation, internal = 11 };

rtc_programs programs;

// What NVRTC takes, and does nothing here. It refuses what it does not know, -O3 for one.
const rtc &manner_of_nvrtc() {
  static const auto *r = new rtc{{"--gpu-architecture=", "-arch="},
                                 {"--std=", "-std=", "--use_fast_math", "-use_fast_math", "--fmad=", "-fmad=", "--ftz=", "--prec-div=", "--prec-sqrt=",
                                  "--extra-device-vectorization", "-default-device", "--generate-line-info", "-lineinfo", "--maxrregcount=", "-w",
                                  "--disable-warnings", "--restrict", "-I", "--include-path=", "--define-macro=", "--device-debug", "-G"},
                                 "sm_52",
                                 compiled::invalid_option};
  return *r;
}

std::string ptx_of(const rtc_program *p) { return wrap_text(p->arch, p->path); }
std::string cubin_of(const rtc_program *p) { return p->for_real ? wrap(p->arch, read_file(p->path)) : ""; }

bool is_compiled(rtc_program *p) { return programs.has(p) && !p->path.empty(); }

}  // namespace

extern "C" {

int nvrtcVersion(int *major, int *minor) {
  ENTER(" ");
  *major = 12, *minor = 9;
  return ok;
}

int nvrtcCreateProgram(rtc_program **p, const char *source, const char *name, int count, const char *const *headers, const char *const *names) {
  ENTER("%s", name ? name : "null");
  if (!p || !source) return invalid_input;
  if (count > 0 && (!headers || !names)) return invalid_input;
  *p = programs.open(source);
  return ok;
}

int nvrtcCompileProgram(rtc_program *p, int count, const char *const *options) {
  std::string all;
  for (int i = 0; i < count; i++) all += std::string(" ") + options[i];
  ENTER("%s", all.c_str());
  if (!programs.has(p)) return invalid_program;
  switch (compile_program(*p, manner_of_nvrtc(), count, options)) {
    case compiled::ok: return ok;
    case compiled::invalid_option: return invalid_option;
    default: return compilation;
  }
}

int nvrtcGetProgramLogSize(rtc_program *p, size_t *bytes) {
  ENTER(" ");
  if (!programs.has(p)) return invalid_program;
  *bytes = p->log.size() + 1;
  return ok;
}

int nvrtcGetProgramLog(rtc_program *p, char *log) {
  ENTER(" ");
  if (!programs.has(p)) return invalid_program;
  memcpy(log, p->log.c_str(), p->log.size() + 1);
  return ok;
}

int nvrtcGetPTXSize(rtc_program *p, size_t *bytes) {
  ENTER(" ");
  if (!is_compiled(p)) return invalid_program;
  *bytes = ptx_of(p).size() + 1;
  return ok;
}

int nvrtcGetPTX(rtc_program *p, char *ptx) {
  ENTER(" ");
  if (!is_compiled(p)) return invalid_program;
  const std::string text = ptx_of(p);
  memcpy(ptx, text.c_str(), text.size() + 1);
  return ok;
}

int nvrtcGetCUBINSize(rtc_program *p, size_t *bytes) {
  ENTER(" ");
  if (!is_compiled(p)) return invalid_program;
  *bytes = cubin_of(p).size();
  return ok;
}

int nvrtcGetCUBIN(rtc_program *p, char *cubin) {
  ENTER(" ");
  if (!is_compiled(p)) return invalid_program;
  const std::string code = cubin_of(p);
  memcpy(cubin, code.data(), code.size());
  return ok;
}

int nvrtcGetNumSupportedArchs(int *count) {
  ENTER(" ");
  *count = 3;
  return ok;
}

int nvrtcGetSupportedArchs(int *archs) {
  ENTER(" ");
  archs[0] = 80, archs[1] = 89, archs[2] = 90;
  return ok;
}

int nvrtcDestroyProgram(rtc_program **p) {
  ENTER(" ");
  if (!p || !programs.close(*p)) return invalid_program;
  *p = nullptr;
  return ok;
}

const char *nvrtcGetErrorString(int result) {
  switch (result) {
    case ok: return "NVRTC_SUCCESS";
    case out_of_memory: return "NVRTC_ERROR_OUT_OF_MEMORY";
    case creation_failed: return "NVRTC_ERROR_PROGRAM_CREATION_FAILURE";
    case invalid_input: return "NVRTC_ERROR_INVALID_INPUT";
    case invalid_program: return "NVRTC_ERROR_INVALID_PROGRAM";
    case invalid_option: return "NVRTC_ERROR_INVALID_OPTION";
    case compilation: return "NVRTC_ERROR_COMPILATION";
    default: return "NVRTC_ERROR_INTERNAL_ERROR";
  }
}

}  // extern "C"
