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

void LineEnds::step(char c) {
  const bool escaped = std::exchange(escaped_, false);
  switch (in_) {
    case In::Start:  // spaces before the name
      if (c == ' ') break;
      in_ = c == '#' ? In::Plain : In::Key;
      escaped_ = c == '\\';
      break;
    case In::Key:  // name and tags
      if (c == ' ' && !escaped) in_ = In::Gap;
      escaped_ = c == '\\';
      break;
    case In::Gap:  // spaces before the first field
      if (c == ' ') break;
      in_ = In::Field;
      escaped_ = c == '\\';
      break;
    case In::Field:  // the name of a field
      if (c == '=' && !escaped) in_ = In::Value;
      if (c == ' ' && !escaped) in_ = In::Plain;  // no good line
      escaped_ = c == '\\';
      break;
    case In::Value:  // its first byte
      in_ = c == '"' ? In::String : after_value(c);
      break;
    case In::String:  // backslashes come in pairs
      if (c == '"' && !escaped) in_ = In::AfterValue;
      escaped_ = c == '\\' && !escaped;
      break;
    case In::AfterValue:  // and inside of a number
      in_ = after_value(c);
      break;
    case In::Plain:  // a comment, or the time: no string any more
      break;
  }
}

}  // namespace ingest::codec
