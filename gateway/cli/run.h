#pragma once
// run(): the program behind main.cpp: reads the command line and does what it says.

#include <iosfwd>
#include <string>
#include <utility>
#include <vector>

namespace gateway::cli {

/// What main() was given, and where its words go.
struct Environment {
  std::vector<std::string> arguments;                          // without the program's name
  std::vector<std::pair<std::string, std::string>> variables;  // all of the process
  std::ostream& out;
  std::ostream& err;
};

/// The exit status (command_line.h, Exit).
int run(const Environment& environment);

}  // namespace gateway::cli
