#pragma once
// Source: what can be played: a recording, or a plain file of lines. Records in order, then why
// there are no more. Owned by a player; one thread.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "ingest/base/result.h"
#include "ingest/record/recording.h"

namespace ingest::record {

/// How a source ended.
struct Ending {
  enum class How : std::uint8_t {
    Whole,
    Cut,         // no End record: whoever recorded was killed, or the disk was full
    Damaged,     // a check is wrong, or there is more behind the End: what follows is not read
    Unreadable,  // the system could not read on
  };
  How how = How::Whole;
  std::string sentence;  // names the file; empty when Whole
};

/// Of a plain file; 0 of a pipe and of what has no size.
std::uint64_t plain_size(int fd);

/// Of a block of a file of lines; a line that is longer comes in pieces.
constexpr std::size_t kBlockBytesMax = std::size_t{64} << 10;

class Source {
 public:
  Source() = default;
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  virtual ~Source() = default;

  virtual const Header& header() const = 0;
  /// Data, Cut, Closed or Drops; its bytes live until the next call. Nothing: it is over.
  virtual std::optional<Record> next() = 0;
  /// Once next() gave nothing.
  virtual const Ending& ending() const = 0;
  /// What next() has given since the start or the last rewind().
  virtual const Totals& totals() const = 0;
  /// Bytes of the file, and how many of them were given since the start or the last rewind().
  struct Extent {
    std::uint64_t given = 0;
    std::uint64_t size = 0;  // 0: nobody knows, as of standard input
  };
  virtual Extent extent() const { return {}; }
  /// Back to the first record.
  virtual Result<void> rewind() = 0;
};

}  // namespace ingest::record
