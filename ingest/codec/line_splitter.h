#pragma once
// LineSplitter: the bytes of a stream, in any pieces -> whole lines; the same lines for any split.
// Holds no more than the line that is not finished, at most kLineBytesMax. A longer line is skipped
// to its end and counted once. Owned by one connection.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "ingest/codec/line_ends.h"
#include "ingest/codec/line_ledger.h"

namespace ingest::codec {

class LineSplitter {
 public:
  explicit LineSplitter(LineRule rule = LineRule::Newline) : ends_(rule) {}

  struct Untold {
    void operator()(std::string_view /*start*/) const {}
  };

  /// Calls lines(std::string_view block) for whole lines with their ends, as many at once as came
  /// together, and too_long(std::string_view start) once for a line that is not taken, with as much
  /// of it as is there. Both views live until the call returns.
  template <class Lines, class TooLong = Untold>
  void receive(std::string_view bytes, LineLedger& ledger, Lines&& lines, TooLong&& too_long = {});

  /// The stream has ended: an unfinished line is counted as tcp_tail and forgotten.
  void close(LineLedger& ledger);

  /// Bytes of memory held.
  std::size_t held_bytes() const { return pending_.capacity(); }

 private:
  /// What is kept once it was handed over, for the next unfinished line.
  static constexpr std::size_t kKeepBytes = 1024;

  enum class Piece : std::uint8_t { Open, Ended };
  /// Puts a piece of a line aside, or begins to skip the line.
  template <class TooLong>
  void take(std::string_view bytes, Piece piece, LineLedger& ledger, TooLong&& too_long);
  bool fits(std::string_view bytes, Piece piece) const;
  void keep(std::string_view bytes);
  void skip(LineLedger& ledger);
  void release();

  LineEnds ends_;
  std::vector<char> pending_;
  bool skipping_ = false;
};

template <class TooLong>
void LineSplitter::take(std::string_view bytes, Piece piece, LineLedger& ledger,
                        TooLong&& too_long) {
  if (fits(bytes, piece)) return keep(bytes);
  too_long(pending_.empty() ? bytes : std::string_view{pending_.data(), pending_.size()});
  skip(ledger);
}

template <class Lines, class TooLong>
void LineSplitter::receive(std::string_view bytes, LineLedger& ledger, Lines&& lines,
                           TooLong&& too_long) {
  if (skipping_ || !pending_.empty()) {
    const std::size_t end = ends_.first(bytes);
    const bool ended = end != LineEnds::kNone;
    const std::size_t taken = ended ? end : bytes.size();
    if (!skipping_)
      take(bytes.substr(0, taken), ended ? Piece::Ended : Piece::Open, ledger, too_long);
    bytes.remove_prefix(taken);
    if (!ended) return;
    if (!pending_.empty()) lines(std::string_view{pending_.data(), pending_.size()});
    release();
  }
  const std::size_t whole = ends_.last(bytes);
  if (whole > 0) lines(bytes.substr(0, whole));
  if (whole < bytes.size()) take(bytes.substr(whole), Piece::Open, ledger, too_long);
}

}  // namespace ingest::codec
