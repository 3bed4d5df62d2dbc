// What hipRTC and NVRTC have in common: programs, and the options that they know.
#pragma once

#include <set>
#include <string>
#include <vector>

namespace standin {

enum class compiled { ok, invalid_option, failed };

// A program, before and after it is compiled.
struct rtc_program {
  std::string source, log, path;
  std::string arch;      // what the options say
  bool for_real = true;  // the architecture is that of a card, and not a virtual one
};

// A compiler's manner: which options it knows, and what it says to one that it does not.
struct rtc {
  std::vector<std::string> arch_options;  // such as "--gpu-architecture="
  std::vector<std::string> known;         // beginnings of options that do nothing here
  std::string otherwise;                  // the architecture that it compiles for when none is said
  compiled unknown;
};

compiled compile_program(rtc_program &p, const rtc &r, int count, const char *const *options);

// The programs that are there, so that others are refused.
class rtc_programs {
 public:
  rtc_program *open(const char *source);
  bool close(rtc_program *p);
  bool has(rtc_program *p);
};

}  // namespace standin
