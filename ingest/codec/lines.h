#pragma once
// Lines: what every text format does with a block before it looks into a line: ends, limits, blank
// lines, UTF-8, and the ledger. The format is a call that reads one line.

#include <optional>
#include <string_view>

#include "ingest/codec/line_ends.h"
#include "ingest/codec/line_ledger.h"
#include "ingest/codec/number.h"
#include "ingest/codec/utf8.h"

namespace ingest::codec {

/// Nothing when all is well.
using Fault = std::optional<Reject>;

/// What is wrong with a line that has this number.
inline Fault fault_of(Number::Is is) {
  switch (is) {
    case Number::Is::Finite:
      return std::nullopt;
    case Number::Is::NotFinite:
      return Reject::NotFinite;
    case Number::Is::Bad:
      return Reject::BadValue;
  }
  return Reject::BadValue;
}

/// Cuts a block into lines, without their ends.
class LineCutter {
 public:
  LineCutter(std::string_view block, LineRule rule)
      : rest_(block),
        quotes_(rule == LineRule::Quoted && block.find('"') != std::string_view::npos) {}

  bool done() const { return rest_.empty(); }
  /// Not done().
  std::string_view next() {
    std::size_t end = rest_.find('\n');
    if (quotes_) end = past_strings(end);
    const bool last = end == std::string_view::npos;
    const std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(last ? rest_.size() : end + 1);
    return line;
  }

 private:
  /// The line's end, when the next newline may stand inside a string.
  std::size_t past_strings(std::size_t newline) const {
    if (rest_.substr(0, newline).find('"') == std::string_view::npos) return newline;
    const std::size_t whole = LineEnds{LineRule::Quoted}.first(rest_);
    return whole == LineEnds::kNone ? std::string_view::npos : whole - 1;
  }

  std::string_view rest_;
  bool quotes_;
};

/// Calls read(std::string_view line) -> Fault for each line that is neither blank, too long nor bad
/// UTF-8; read() itself counts the lines that it accepts or ignores.
template <class Read>
void read_lines(std::string_view block, LineRule rule, LineLedger& ledger, Read&& read) {
  // One look at the whole block spares nearly every line its own.
  const bool plain = is_plain_ascii(block);
  for (LineCutter lines{block, rule}; !lines.done();) {
    std::string_view line = lines.next();
    ++ledger.received;
    if (line.size() > kLineBytesMax) {
      ledger.reject(Reject::LineTooLong);
      continue;
    }
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line.empty()) {
      ++ledger.ignored.blank;
    } else if (!plain && !is_utf8_without_nul(line)) {
      ledger.reject(Reject::BadUtf8);
    } else if (const Fault fault = read(line)) {
      ledger.reject(*fault);
    }
  }
}

}  // namespace ingest::codec
