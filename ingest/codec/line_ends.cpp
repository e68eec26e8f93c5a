#include "ingest/codec/line_ends.h"

#include <utility>

#include "ingest/codec/line_ledger.h"

namespace ingest::codec {

std::size_t LineEnds::first(std::string_view bytes) {
  if (rule_ == LineRule::Quoted) return scan(bytes);
  const std::size_t end = bytes.find('\n');
  return end == kNone ? kNone : end + 1;
}

std::size_t LineEnds::last(std::string_view bytes) {
  if (rule_ == LineRule::Newline) return bytes.rfind('\n') + 1;  // npos + 1 is 0
  std::size_t whole = 0;
  if (in_ != In::String && bytes.find('"') == kNone) {
    // No string is open and none begins, so only the last line has to be looked at.
    whole = bytes.rfind('\n') + 1;
    if (whole > 0) reset();
  }
  while (whole < bytes.size()) {
    const std::size_t end = scan(bytes.substr(whole));
    if (end == kNone) break;
    whole += end;
  }
  return whole;
}

std::size_t LineEnds::scan(std::string_view bytes) {
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    const bool inside = in_ == In::String && line_bytes_ < kLineBytesMax;
    if (bytes[at] == '\n' && !inside) {
      reset();
      return at + 1;
    }
    step(bytes[at]);
    ++line_bytes_;
  }
  return kNone;
}

LineEnds::In LineEnds::after_value(char c) {
  if (c == ',') return In::Field;
  return c == ' ' ? In::Plain : In::AfterValue;
}

LineEnds::In LineEnds::next(In in, char c, bool escaped) {
  const bool ends = c == ' ' && !escaped;
  switch (in) {
    case In::Start:  // spaces before the name
      if (c == ' ') return in;
      return c == '#' ? In::Plain : In::Key;
    case In::Key:  // name and tags
      return ends ? In::Gap : in;
    case In::Gap:  // spaces before the first field
      return c == ' ' ? in : In::Field;
    case In::Field:  // the name of a field
      if (c == '=' && !escaped) return In::Value;
      return ends ? In::Plain : in;  // no good line
    case In::Value:                  // its first byte
      return c == '"' ? In::String : after_value(c);
    case In::String:
      return c == '"' && !escaped ? In::AfterValue : in;
    case In::AfterValue:  // and inside of a number
      return after_value(c);
    case In::Plain:  // a comment, or the time: no string any more
      return in;
  }
  return in;  // no other value is made
}

/// Does a backslash change what follows it? In a string they come in pairs.
bool LineEnds::escapes(In in, bool escaped) {
  if (in == In::String) return !escaped;
  return in == In::Start || in == In::Key || in == In::Gap || in == In::Field;
}

void LineEnds::step(char c) {
  const bool escaped = std::exchange(escaped_, c == '\\' && escapes(in_, escaped_));
  in_ = next(in_, c, escaped);
}

}  // namespace ingest::codec
