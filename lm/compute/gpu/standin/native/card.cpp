#include "card.h"

#include <cstring>
#include <sstream>

#include "code.h"
#include "compiler.h"
#include "launch.h"
#include "memory.h"
#include "module.h"

using namespace standin;

namespace {

char *text_of(const std::string &text) { return text.empty() ? nullptr : strdup(text.c_str()); }

}  // namespace

char *standin_compile(const char *source, const char *options, char **log) {
  std::vector<std::string> list;
  std::istringstream lines(options);
  for (std::string line; std::getline(lines, line);) list.push_back(line);
  std::string messages;
  const std::string path = compile(source, list, messages);
  *log = text_of(messages);
  return text_of(path);
}

void *standin_load(const char *path, char **error) {
  const std::string code = read_file(path);
  std::string why;
  module *m = module::load(code.data(), code.size(), why);
  *error = text_of(why);
  return m;
}

void standin_unload(void *m) { delete static_cast<module *>(m); }

char *standin_launch(void *m, const standin_launch_call *call) {
  standin::call c = {};
  c.kernel = static_cast<module *>(m)->find(call->kernel);
  c.name = call->kernel;
  if (!c.kernel) return text_of("there is no kernel " + c.name);
  if (size_t(c.kernel->bytes) != call->bytes) {
    return text_of("kernel " + c.name + " takes " + std::to_string(c.kernel->bytes) + " bytes of arguments, not " + std::to_string(call->bytes));
  }
  for (int d = 0; d < 3; d++) c.grid[d] = call->grid[d];
  c.block[0] = call->block;
  c.block[1] = c.block[2] = 1;
  c.shared = call->shared;
  c.args = call->args;

  manner how;
  how.wave = call->wave;
  how.seed = call->seed;
  how.threads = call->threads;
  how.shared = call->most_shared;
  std::string text;
  if (launch(c, how, text) == outcome::ok) {
    text = overruns();
    if (!text.empty()) text = "after kernel " + c.name + ": " + text;
  }
  return text_of(text);
}

void *standin_allocate(size_t bytes) { return allocate(most_devices - 1, bytes, UINT64_MAX); }

char *standin_release(void *memory) {
  std::string text;
  if (!release(false, memory, text)) text = "this memory was not allocated, or was freed before";
  return text_of(text);
}
