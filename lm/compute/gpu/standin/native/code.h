// Compiled kernels as the bytes that programs hand around.
#pragma once

#include <string>

namespace standin {

// A code object: what it is for, and a shared library.
std::string wrap(const std::string &arch, const std::string &library);
// A text that names what was compiled, as PTX is one.
std::string wrap_text(const std::string &arch, const std::string &path);

// unwrap reads either. It returns false if code is neither.
bool unwrap(const void *code, std::string &arch, std::string &library);

std::string read_file(const std::string &path);

}  // namespace standin
