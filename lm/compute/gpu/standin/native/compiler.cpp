#include "compiler.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>

#include "code.h"

extern char **environ;

namespace standin {

namespace {

// FNV-1a with a second basis, for 128 bits. Nobody attacks this cache but who could write to it.
std::string hash(const std::string &text) {
  uint64_t a = 0xcbf29ce484222325u, b = 0x6c62272e07bb0142u;
  for (unsigned char c : text) {
    a = (a ^ c) * 0x100000001b3u;
    b = (b ^ c) * 0x100000001b3u + (a >> 32);
  }
  char name[40];
  snprintf(name, sizeof name, "%016lx%016lx", static_cast<unsigned long>(a), static_cast<unsigned long>(b));
  return name;
}

// run starts a program, with its messages in a file, and returns whether it ended well.
bool run(const std::vector<std::string> &args, const std::string &messages) {
  std::vector<char *> argv;
  for (const auto &a : args) argv.push_back(const_cast<char *>(a.c_str()));
  argv.push_back(nullptr);

  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, 1, messages.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_adddup2(&files, 1, 2);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);

  pid_t child;
  const int failed = posix_spawnp(&child, argv[0], &files, &attributes, argv.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  if (failed) {
    std::ofstream(messages) << "standin: cannot start " << args[0] << "\n";
    return false;
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

const std::string &folder() {
  static const std::string path = [] {
    Dl_info info = {};
    char real[PATH_MAX];
    if (!dladdr(reinterpret_cast<void *>(&folder), &info) || !realpath(info.dli_fname, real)) return std::string(".");
    std::string p = real;
    return p.substr(0, p.rfind('/'));
  }();
  return path;
}

// It is asked for while the library is loaded: a test may have reached it by a folder of its own, which is gone when the first kernels
// are compiled.
static const std::string &known = folder();

std::string compile(const std::string &source, const std::vector<std::string> &options, std::string &log) {
  std::string key = source;
  for (const auto &o : options) key += '\0' + o;
  const std::string kernels = folder() + "/kernels", path = kernels + "/" + hash(key) + ".so";
  if (access(path.c_str(), R_OK) == 0) return path;

  mkdir(kernels.c_str(), 0700);
  std::string work = kernels + "/new-XXXXXX";
  if (!mkdtemp(&work[0])) {
    log = "standin: cannot make a folder in " + kernels;
    return "";
  }
  const std::string text = work + "/kernels.cpp", built = work + "/kernels.so", messages = work + "/log";
  std::ofstream(text) << source;
  std::vector<std::string> args = {"g++", "-O2", "-std=c++17", "-shared", "-fPIC", "-fvisibility=hidden", "-fno-strict-aliasing", "-fno-exceptions",
                                   "-Wno-unknown-pragmas", "-w", "-include", folder() + "/spmd.h", "-o", built, text};
  args.insert(args.end(), options.begin(), options.end());
  // Names that nobody has are errors here, as they are for a card.
  args.insert(args.end(), {"-Wl,-z,defs", "-L" + folder(), "-lstandin", "-lm"});
  const bool ok = run(args, messages) && rename(built.c_str(), path.c_str()) == 0;
  log = read_file(messages);
  for (const auto &file : {text, built, messages}) unlink(file.c_str());
  rmdir(work.c_str());
  return ok ? path : "";
}

}  // namespace standin
