// What every function of a vendor begins with: it is written to the log, and may have to fail.
#pragma once

#include "settings.h"

namespace standin {

// enter returns the code that the call must return, or 0 to go on.
int enter(const char *function, const char *format, ...) __attribute__((format(printf, 2, 3)));

// say writes a line to the log, and to the standard error output for a person.
void say(const std::string &line);

// begin_entries takes the log and the faults of new settings.
void begin_entries(const settings &s);

}  // namespace standin

#define ENTER(...)                                                   \
  if (const int fault = standin::enter(__func__, __VA_ARGS__)) return fault
