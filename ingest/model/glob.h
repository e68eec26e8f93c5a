#pragma once
// Globs over metric names: `*` is any run inside one dot segment, `**` any run, `?` one character
// (a UTF-8 sequence) that is no dot. Everything else stands for itself. Pure; any thread.

#include <cstddef>
#include <string_view>

namespace ingest::model {

constexpr std::size_t kGlobBytesMax = 255;

/// Whether it holds a `*` or a `?`; without one, it matches exactly itself.
bool is_glob(std::string_view pattern);
/// In time proportional to pattern x name at most. A pattern above kGlobBytesMax bytes matches
/// nothing.
bool glob_matches(std::string_view pattern, std::string_view name);

}  // namespace ingest::model
