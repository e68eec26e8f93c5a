#pragma once
// open_source(): the source that a file is: a recording by its first bytes, else lines of a format.

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "ingest/base/result.h"
#include "ingest/codec/format.h"
#include "ingest/record/source.h"

namespace ingest::record {

struct SourceOptions {
  std::string path;                     // "-": standard input, lines only
  std::optional<codec::Format> format;  // of a file of lines; a recording knows its own
  double lines_per_second = 0;          // of a file of lines; 0: all at once
  std::size_t block_bytes = 0;          // of a file of lines: what is read at once; 0: its usual
};
/// The error is a sentence that names the path: also where a recording is of another format.
Result<std::unique_ptr<Source>> open_source(const SourceOptions& options);

}  // namespace ingest::record
