#pragma once
// Numbers that nobody can guess, of the operating system. Any thread.

#include <cstdint>
#include <string>

namespace gateway::cli {

std::uint64_t random_number();
/// The name of this run: 8 characters of Crockford's base 32.
std::string random_epoch();

}  // namespace gateway::cli
