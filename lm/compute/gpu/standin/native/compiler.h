// Kernels as shared libraries of the host.
#pragma once

#include <string>
#include <vector>

namespace standin {

// folder returns where this library's files are: the headers, and what was compiled before.
const std::string &folder();

// compile returns the path of the compiled source, which is compiled at most once with the same options. If there is none,
// log has the compiler's messages. Options are those of g++.
std::string compile(const std::string &source, const std::vector<std::string> &options, std::string &log);

}  // namespace standin
