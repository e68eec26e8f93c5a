#pragma once
// Lines: what every text format does with a block before it looks into a line: ends, limits, blank
// lines, UTF-8, and the ledger. The format is a call that reads one line, and says of a bad one why
// and where.

#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

#include "ingest/codec/line_ends.h"
#include "ingest/codec/line_ledger.h"
#include "ingest/codec/number.h"
#include "ingest/codec/sample_batch.h"
#include "ingest/codec/utf8.h"

namespace ingest::codec {

/// What is wrong with a part of a line; nothing when all is well.
using Wrong = std::optional<Reject>;

/// What is wrong with a line, and at which of its bytes: the first that could not be read, its end
/// where something is missing. Empty when all is well. Goes in two registers.
class [[nodiscard]] Fault {
 public:
  Fault() = default;
  Fault(Reject reason, const char* at) : at_(at), reason_(reason) {}
  Fault(const Wrong& wrong, const char* at) : Fault(wrong ? Fault{*wrong, at} : Fault{}) {}

  explicit operator bool() const { return at_ != nullptr; }
  Reject reason() const { return reason_; }
  const char* at() const { return at_; }

 private:
  const char* at_ = nullptr;
  Reject reason_{};
};

/// At the first byte too many.
inline Fault too_long(std::string_view text, std::size_t bytes_max, Reject reason) {
  return text.size() > bytes_max ? Fault{reason, text.data() + bytes_max} : Fault{};
}

/// What is wrong with this number.
inline Wrong wrong_of(Number::Is is) {
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
  /// Up to the next newline. Not done().
  std::string_view next() {
    before_ = rest_;
    return take(rest_.find('\n'));
  }
  /// The line of the last next() was no good one: perhaps its newline stood inside a string. True,
  /// and the whole line in `line`, when it did.
  bool extend(std::string_view& line) {
    if (!quotes_ || line.find('"') == std::string_view::npos) return false;
    const std::size_t end = LineEnds{LineRule::Quoted}.first(before_);
    rest_ = before_;
    const std::string_view whole = take(end == LineEnds::kNone ? end : end - 1);
    return whole.size() > std::exchange(line, whole).size();
  }

 private:
  std::string_view take(std::size_t end) {
    const std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(line.size() == rest_.size() ? line.size() : line.size() + 1);
    return line;
  }

  std::string_view rest_;
  std::string_view before_;  // the last line and all behind it
  bool quotes_;
};

/// Tells the sink of a line that was dropped. Its end is no part of it.
inline void tell_reject(std::string_view line, const Fault& fault, SampleBatch& batch) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  const auto before = static_cast<std::size_t>(fault.at() - line.data());
  batch.reject({.text = line, .reason = reject_name(fault.reason()), .column = before + 1});
}

/// Calls read(std::string_view line) -> Fault for each line that is neither blank, too long nor bad
/// UTF-8; read() itself counts the lines that it accepts or ignores, and does nothing else for
/// those with a fault: they may come again, longer.
template <class Read>
void read_lines(std::string_view block, LineRule rule, LineLedger& ledger, SampleBatch& batch,
                Read&& read) {
  // One look at the whole block spares nearly every line its own.
  const bool plain = is_plain_ascii(block);
  const auto look = [&](std::string_view line) -> Fault {
    if (line.size() > kLineBytesMax) return {Reject::LineTooLong, line.data()};
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line.empty()) {
      ++ledger.ignored.blank;
      return {};
    }
    if (plain || is_utf8_without_nul(line)) return read(line);
    return {Reject::BadUtf8, line.data() + good_utf8_bytes(line)};
  };
  for (LineCutter lines{block, rule}; !lines.done();) {
    std::string_view line = lines.next();
    ++ledger.received;
    Fault fault = look(line);
    if (fault && lines.extend(line)) fault = look(line);
    if (!fault) continue;
    ledger.reject(fault.reason());
    tell_reject(line, fault, batch);
  }
}

}  // namespace ingest::codec
