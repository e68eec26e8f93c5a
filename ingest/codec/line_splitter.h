#pragma once
// LineSplitter: the bytes of a stream, in any pieces -> whole lines; the same lines for any split.
// Holds no more than the line that is not finished, at most kLineBytesMax. A longer line is skipped
// to its end and counted once. Owned by one connection.

#include <cstddef>
#include <string_view>
#include <vector>

#include "ingest/codec/line_ledger.h"

namespace ingest::codec {

class LineSplitter {
 public:
  /// Calls lines(std::string_view block) for whole lines with their ends, as many at once as came
  /// together. A block lives until the call returns.
  template <class Lines>
  void receive(std::string_view bytes, LineLedger& ledger, Lines&& lines);

  /// The stream has ended: an unfinished line is counted as tcp_tail and forgotten.
  void close(LineLedger& ledger);

  /// Bytes of memory held.
  std::size_t held_bytes() const { return pending_.capacity(); }

 private:
  static constexpr std::size_t kNone = std::string_view::npos;
  /// What is kept once it was handed over, for the next unfinished line.
  static constexpr std::size_t kKeepBytes = 1024;

  /// Puts the beginning of a line aside, or begins to skip it.
  void keep(std::string_view bytes, LineLedger& ledger);
  void release();

  std::vector<char> pending_;
  bool skipping_ = false;
};

template <class Lines>
void LineSplitter::receive(std::string_view bytes, LineLedger& ledger, Lines&& lines) {
  if (skipping_ || !pending_.empty()) {
    const std::size_t end = bytes.find('\n');
    const std::size_t taken = end == kNone ? bytes.size() : end + 1;
    if (!skipping_) keep(bytes.substr(0, taken), ledger);
    bytes.remove_prefix(taken);
    if (end == kNone) return;
    if (!pending_.empty()) lines(std::string_view{pending_.data(), pending_.size()});
    release();
  }
  const std::size_t last = bytes.rfind('\n');
  const std::size_t whole = last == kNone ? 0 : last + 1;
  if (whole > 0) lines(bytes.substr(0, whole));
  if (whole < bytes.size()) keep(bytes.substr(whole), ledger);
}

}  // namespace ingest::codec
