#include "code.h"

#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>

namespace standin {

namespace {

constexpr char magic[8] = {'S', 'T', 'A', 'N', 'D', 'I', 'N', 0};
constexpr char text_magic[] = "// stand-in for PTX: ";

struct header {
  char magic[8];
  uint64_t bytes;
  char arch[48];
};

}  // namespace

std::string wrap(const std::string &arch, const std::string &library) {
  header h = {};
  memcpy(h.magic, magic, sizeof magic);
  h.bytes = library.size();
  snprintf(h.arch, sizeof h.arch, "%s", arch.c_str());
  return std::string(reinterpret_cast<const char *>(&h), sizeof h) + library;
}

std::string wrap_text(const std::string &arch, const std::string &path) { return text_magic + arch + " " + path + "\n"; }

bool unwrap(const void *code, std::string &arch, std::string &library) {
  const char *text = static_cast<const char *>(code);
  if (strncmp(text, text_magic, sizeof text_magic - 1) == 0) {
    const std::string line = text + sizeof text_magic - 1;
    const size_t space = line.find(' ');
    if (space == std::string::npos) return false;
    arch = line.substr(0, space);
    library = read_file(line.substr(space + 1, line.find('\n') - space - 1));
    return !library.empty();
  }
  header h;
  if (strncmp(text, magic, sizeof magic) != 0) return false;
  memcpy(&h, code, sizeof h);
  arch = h.arch;
  library.assign(text + sizeof h, h.bytes);
  return true;
}

std::string read_file(const std::string &path) {
  std::ifstream in(path, std::ios::binary);
  return std::string((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
}

}  // namespace standin
