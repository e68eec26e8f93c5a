#include "ingest/codec/influx_line.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <span>

#include "ingest/codec/lines.h"
#include "ingest/codec/number.h"
#include "ingest/codec/scan.h"
#include "ingest/codec/short_number.h"

namespace ingest::codec {
namespace {

/// A number and the field that has it, as written. Not initialized: see Fields.
struct Field {
  const char* name_at;
  std::size_t name_bytes;
  double value;
  double value_low;

  std::string_view name() const { return {name_at, name_bytes}; }
};

/// The fields of a line; a later one of the same name replaces the earlier.
class Fields {
 public:
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): 32 KiB, of which few are used
  Fields() = default;
  void clear() {
    count_ = 0;
    seen_ = 0;
  }
  std::span<const Field> all() const { return {fields_.data(), count_}; }

  /// False when there is no room.
  bool put(const Field& field) {
    const std::uint64_t mark = std::uint64_t{1} << mark_of(field.name());
    if ((seen_ & mark) != 0) {
      if (Field* const same = find(field.name())) {
        *same = field;
        return true;
      }
    }
    seen_ |= mark;
    if (count_ == fields_.size()) return false;
    fields_[count_++] = field;
    return true;
  }
  /// A string took the name: the number before it does not count.
  void remove(std::string_view name) {
    Field* const same = find(name);
    if (same == nullptr) return;
    std::copy(same + 1, fields_.data() + count_, same);
    --count_;
  }

 private:
  /// One of 64: names of different marks differ.
  static unsigned mark_of(std::string_view name) {
    const auto first = static_cast<unsigned char>(name.front());
    const auto last = static_cast<unsigned char>(name.back());
    return (static_cast<unsigned>(name.size()) * 7U + first * 5U + last) % 64U;
  }
  Field* find(std::string_view name) {
    for (std::size_t i = 0; i < count_; ++i) {
      if (fields_[i].name() == name) return &fields_[i];
    }
    return nullptr;
  }

  std::array<Field, InfluxLine::kFieldsMax> fields_;
  std::size_t count_ = 0;
  std::uint64_t seen_ = 0;
};

/// Text in which a backslash may escape.
struct Token {
  std::string_view raw;
  std::size_t escapes = 0;
  /// Without the backslashes of the escapes.
  std::size_t bytes() const { return raw.size() - escapes; }
};

/// Up to the first of Stops that is not escaped; stands on it afterwards.
template <char... Stops>
Token take_token(Cursor& cursor, std::string_view escaped) {
  Token token;
  Cursor probe = cursor;
  for (;;) {
    probe.at = find_any<'\\', Stops...>(probe);
    if (probe.done() || *probe.at != '\\') break;
    ++probe.at;
    if (probe.done() || escaped.find(*probe.at) == std::string_view::npos) continue;
    ++token.escapes;
    ++probe.at;
  }
  token.raw = cursor.take_to(probe.at);
  return token;
}

void skip_spaces(Cursor& cursor) {
  while (cursor.is(' '))
    ++cursor.at;
}

constexpr std::string_view kEscapedInName = ", ";
constexpr std::string_view kEscapedInTags = ",= ";

/// ,key=value
Fault take_tag(Cursor& cursor) {
  ++cursor.at;
  const Token key = take_token<'=', ',', ' '>(cursor, kEscapedInTags);
  if (key.raw.empty()) return cursor.is('=') ? Reject::EmptyTagKey : Reject::BadTags;
  if (!cursor.is('=')) return Reject::BadTags;
  ++cursor.at;
  const Token value = take_token<'=', ',', ' '>(cursor, kEscapedInTags);
  if (cursor.is('=')) return Reject::BadTags;
  if (value.raw.empty()) return Reject::EmptyTagValue;
  if (key.bytes() > model::kTagKeyBytesMax) return Reject::TagKeyTooLong;
  if (value.bytes() > model::kTagValueBytesMax) return Reject::TagValueTooLong;
  return std::nullopt;
}

/// name,key=value,key=value and the spaces behind.
Fault take_key(Cursor& cursor, model::RawKey& key, std::size_t& name_bytes) {
  const Token name = take_token<',', ' '>(cursor, kEscapedInName);
  if (name.raw.empty()) return Reject::EmptyName;
  key.name = name.raw;
  key.style = model::TagStyle::Escaped;
  name_bytes = name.bytes();
  if (name_bytes > model::kNameBytesMax) return Reject::NameTooLong;
  if (cursor.is(',')) {
    Cursor tags = cursor;
    ++tags.at;
    for (std::size_t count = 0; cursor.is(','); ++count) {
      if (count == model::kTagsMax) return Reject::TooManyTags;
      if (const Fault fault = take_tag(cursor)) return fault;
    }
    key.tags = tags.take_to(cursor.at);
  }
  skip_spaces(cursor);
  return cursor.done() ? Fault{Reject::MissingField} : std::nullopt;
}

/// Past "text", in which \" and \\ are escapes.
Fault skip_string(Cursor& cursor) {
  ++cursor.at;
  for (;;) {
    cursor.at = find_any<'"', '\\'>(cursor);
    if (cursor.done()) return Reject::OpenString;
    const bool quote = *cursor.at++ == '"';
    if (quote) return std::nullopt;
    if (!cursor.done()) ++cursor.at;
  }
}

/// The rest of an integer that a double cannot hold: exact, at most 1,024 either way.
double low_of(std::uint64_t whole, double nearest) {
  constexpr double kTwoTo64 = 18446744073709551616.0;
  if (nearest >= kTwoTo64) return -static_cast<double>(std::uint64_t{0} - whole);
  const auto held = static_cast<std::uint64_t>(nearest);
  return held > whole ? -static_cast<double>(held - whole) : static_cast<double>(whole - held);
}

/// 12i and 12u, every bit of them.
Fault read_integer(std::string_view text, Field& field) {
  const bool is_signed = text.back() == 'i';
  text.remove_suffix(1);
  const bool negative = text.substr(0, 1) == "-";
  if (is_signed && (negative || text.substr(0, 1) == "+")) text.remove_prefix(1);
  const char* const end = text.data() + text.size();
  const Digits digits = take_digits(text.data(), end);
  if (text.empty() || digits.end != end) return Reject::BadValue;
  constexpr std::size_t kNeverOverflow = 19;
  std::uint64_t whole = digits.value;
  if (text.size() > kNeverOverflow) {
    const auto [stop, fault] = std::from_chars(text.data(), end, whole);
    if (fault == std::errc::result_out_of_range) return Reject::Overflow;
  }
  constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (is_signed && whole > kMost + (negative ? 1 : 0)) return Reject::Overflow;
  const auto nearest = static_cast<double>(whole);
  const double low = low_of(whole, nearest);
  field.value = negative && whole != 0 ? -nearest : nearest;
  field.value_low = negative ? 0 - low : low;
  return std::nullopt;
}

std::optional<bool> read_bool(std::string_view text) {
  for (const std::string_view yes : {"t", "T", "true", "True", "TRUE"})
    if (text == yes) return true;
  for (const std::string_view no : {"f", "F", "false", "False", "FALSE"})
    if (text == no) return false;
  return std::nullopt;
}

/// Any value but a string.
Fault read_value(std::string_view text, Field& field) {
  if (text.empty()) return Reject::EmptyValue;
  const char first = text.front();
  if (first == 't' || first == 'T' || first == 'f' || first == 'F') {
    const auto truth = read_bool(text);
    field.value = truth.value_or(false) ? 1 : 0;
    return truth ? Fault{} : Reject::BadValue;
  }
  if (text.back() == 'i' || text.back() == 'u') return read_integer(text, field);
  const Number number = parse_long_number(text);
  field.value = number.value;
  return fault_of(number.is);
}

/// A value at the cursor, which stands behind it afterwards.
Fault take_value(Cursor& cursor, Field& field) {
  const ShortNumber number = short_number(cursor.at, cursor.end);
  if (number.end != nullptr &&
      (number.end == cursor.end || *number.end == ',' || *number.end == ' ')) {
    cursor.at = number.end;
    field.value = number.value;
    return std::nullopt;
  }
  return read_value(cursor.take_to(find_any<',', ' '>(cursor)), field);
}

/// A line taken apart.
struct Line {
  model::RawKey key;  // without a field
  std::size_t name_bytes = 0;
  std::uint64_t strings = 0;
  std::optional<WallTime> time;
};

/// key=value
Fault take_field(Cursor& cursor, Line& line, Fields& fields) {
  const Token name = take_token<'=', ',', ' '>(cursor, kEscapedInTags);
  if (name.raw.empty()) return Reject::EmptyField;
  if (!cursor.is('=')) return Reject::MissingValue;
  if (line.name_bytes + 1 + name.bytes() > model::kNameBytesMax) return Reject::NameTooLong;
  ++cursor.at;
  if (!cursor.is('"')) {
    Field field{
        .name_at = name.raw.data(), .name_bytes = name.raw.size(), .value = 0, .value_low = 0};
    if (const Fault fault = take_value(cursor, field)) return fault;
    return fields.put(field) ? Fault{} : Reject::TooManyFields;
  }
  if (const Fault fault = skip_string(cursor)) return fault;
  if (!cursor.done() && *cursor.at != ',' && *cursor.at != ' ') return Reject::BadValue;
  fields.remove(name.raw);
  ++line.strings;
  return std::nullopt;
}

Fault take_fields(Cursor& cursor, Line& line, Fields& fields) {
  for (;; ++cursor.at) {
    if (const Fault fault = take_field(cursor, line, fields)) return fault;
    if (!cursor.is(',')) return std::nullopt;
  }
}

Fault take_time(Cursor& cursor, TimeUnit unit, Line& line) {
  skip_spaces(cursor);
  if (cursor.done()) return std::nullopt;
  const std::string_view text = cursor.take_to(find_any<' '>(cursor));
  skip_spaces(cursor);
  if (!cursor.done()) return Reject::TrailingText;
  line.time = parse_unix_time(text, unit);
  return line.time ? Fault{} : Reject::BadTime;
}

void emit(const Line& line, std::span<const Field> fields, SampleBatch& batch) {
  for (const Field& field : fields) {
    model::Sample& sample = batch.next();
    sample.kind = model::Kind::Gauge;
    sample.change = model::GaugeChange::Set;
    sample.key = line.key;
    sample.key.field = field.name();
    sample.value = field.value;
    sample.value_low = field.value_low;
    sample.member = {};
    sample.rate = {};
    sample.time = line.time;
  }
}

}  // namespace

void InfluxLine::parse(std::string_view block, LineLedger& ledger, SampleBatch& batch) const {
  Fields fields;
  read_lines(block, LineRule::Quoted, ledger, [&](std::string_view text) -> Fault {
    Cursor cursor = cursor_of(text, block);
    skip_spaces(cursor);
    if (cursor.done() || cursor.is('#')) {
      ++(cursor.done() ? ledger.ignored.blank : ledger.ignored.comment);
      return std::nullopt;
    }
    Line line;
    fields.clear();
    if (const Fault fault = take_key(cursor, line.key, line.name_bytes)) return fault;
    if (const Fault fault = take_fields(cursor, line, fields)) return fault;
    if (const Fault fault = take_time(cursor, options_.precision, line)) return fault;
    emit(line, fields.all(), batch);
    ++ledger.accepted;
    ledger.samples += fields.all().size();
    ledger.notes.string_field += line.strings;
    return std::nullopt;
  });
}

}  // namespace ingest::codec
