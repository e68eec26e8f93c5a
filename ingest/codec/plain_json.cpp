// The short way through a line of JSON: see json_reader.h.

#include <cstring>

#include "ingest/codec/json_reader.h"
#include "ingest/codec/short_number.h"

namespace ingest::codec {
namespace {

// Always inline: only so does the cursor stay in a register, which for tokens this short is most of
// their time.

[[gnu::always_inline]] inline void skip_blanks(Cursor& cursor) {
  while (cursor.is(' ') || cursor.is('\t'))
    ++cursor.at;
}

/// Takes `c` and the blanks around it.
[[gnu::always_inline]] inline bool take(Cursor& cursor, char c) {
  skip_blanks(cursor);
  if (!cursor.is(c)) return false;
  ++cursor.at;
  skip_blanks(cursor);
  return true;
}

template <std::size_t kSize>
[[gnu::always_inline]] inline bool take_word(Cursor& cursor, const char (&word)[kSize]) {
  constexpr std::size_t kBytes = kSize - 1;  // without the NUL
  if (cursor.left() < kBytes || std::memcmp(cursor.at, word, kBytes) != 0) return false;
  cursor.at += kBytes;
  return true;
}

/// "text" without escapes and control characters.
[[gnu::always_inline]] inline bool take_string(Cursor& cursor, std::string_view& text) {
  if (!cursor.is('"')) return false;
  ++cursor.at;
  const char* const end = find_string_end(cursor);
  if (end == cursor.end || *end != '"') return false;
  text = cursor.take_to(end);
  ++cursor.at;
  return true;
}

/// digits [. digits] as JSON has them: no needless zero, a digit on each side of the point.
bool is_json_number(const char* at, const char* end) {
  if (*at == '-') ++at;
  if (at == end || !is_digit(*at) || !is_digit(end[-1])) return false;
  return *at != '0' || at + 1 == end || !is_digit(at[1]);
}

[[gnu::always_inline]] inline bool take_number(Cursor& cursor, double& value) {
  const ShortNumber number = short_number(cursor.at, cursor.end, cursor.readable);
  if (number.end == nullptr || !is_json_number(cursor.at, number.end)) return false;
  cursor.at = number.end;
  value = number.value;
  return true;
}

/// The bytes of a number. Its shape is judged by who reads it as a rate or a time, which are
/// stricter than JSON but for needless zeros.
[[gnu::always_inline]] inline bool take_decimal(Cursor& cursor, std::string_view& text) {
  const char* at = cursor.at;
  while (at != cursor.end && (is_digit(*at) || *at == '.'))
    ++at;
  if (at == cursor.at || !is_json_number(cursor.at, at)) return false;
  text = cursor.take_to(at);
  return true;
}

bool take_value(Cursor& cursor, JsonFields& fields) {
  if (cursor.is('"')) {
    std::string_view text;
    return take_string(cursor, text) && !fields.text(text);
  }
  double value = 0;
  return take_number(cursor, value) && !fields.number(value);
}

bool take_values(Cursor& cursor, JsonFields& fields) {
  if (fields.begin_values() || !take(cursor, '[')) return false;
  do {
    if (!take_value(cursor, fields)) return false;
  } while (take(cursor, ','));
  return take(cursor, ']');
}

/// {"key":"value","key":"value"}
bool take_tags(Cursor& cursor, JsonFields& fields) {
  if (fields.begin_tags() || !take(cursor, '{')) return false;
  Cursor raw = cursor;
  if (!cursor.is('}')) {
    do {
      std::string_view key;
      std::string_view value;
      if (!take_string(cursor, key) || !take(cursor, ':')) return false;
      if (!take_string(cursor, value) || fields.tag(key, value)) return false;
    } while (take(cursor, ','));
  }
  fields.set_tags(raw.take_to(cursor.at), model::TagStyle::Quoted);
  return take(cursor, '}');
}

[[gnu::always_inline]] inline bool take_field(Cursor& cursor, JsonFields& fields) {
  std::string_view text;
  if (take_word(cursor, "\"name\"")) {
    return take(cursor, ':') && take_string(cursor, text) && !fields.name(text);
  }
  if (take_word(cursor, "\"value\"")) {
    return take(cursor, ':') && !fields.begin_values() && take_value(cursor, fields);
  }
  if (take_word(cursor, "\"kind\"")) {
    return take(cursor, ':') && take_string(cursor, text) && !fields.kind(text);
  }
  if (take_word(cursor, "\"tags\"")) return take(cursor, ':') && take_tags(cursor, fields);
  if (take_word(cursor, "\"ts\"")) {
    return take(cursor, ':') && take_decimal(cursor, text) && !fields.time(text);
  }
  if (take_word(cursor, "\"rate\"")) {
    return take(cursor, ':') && take_decimal(cursor, text) && !fields.rate(text);
  }
  return take_word(cursor, "\"values\"") && take(cursor, ':') && take_values(cursor, fields);
}

}  // namespace

bool plain_json(Cursor line, JsonFields& fields) {
  if (!take(line, '{')) return false;
  do {
    if (!take_field(line, fields)) return false;
  } while (take(line, ','));
  return take(line, '}') && line.done() && !fields.check();
}

}  // namespace ingest::codec
