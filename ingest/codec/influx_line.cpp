#include "ingest/codec/influx_line.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>

#include "ingest/codec/lines.h"
#include "ingest/codec/number.h"
#include "ingest/codec/scan.h"
#include "ingest/codec/separators.h"
#include "ingest/codec/short_number.h"
#include "ingest/model/series_key.h"

namespace ingest::codec {
namespace {

/// The samples of a line, drafts of the batch: one for each number field, a later one of the same
/// name replacing the earlier.
class Fields {
 public:
  explicit Fields(SampleBatch& batch) : batch_(batch) {}

  std::size_t count() const { return count_; }
  /// The draft for the next field; null when there is no room. Only the first has its key already.
  /// It becomes one of the line with put().
  model::Sample* draft() {
    model::Sample* const sample = batch_.draft_after(count_);
    if (sample == nullptr) return nullptr;
    if (count_ > 0) {  // all but the time, which keep() sets
      sample->kind = model::Kind::Gauge;
      sample->change = model::GaugeChange::Set;
      sample->key = batch_.at(0).key;
      sample->member = {};
      sample->rate = {};
    }
    sample->value_low = 0;
    return sample;
  }
  void put(model::Sample& draft, std::string_view name) {
    draft.key.field = name;
    const unsigned mark = mark_of(name);
    std::uint64_t& seen = seen_[mark / 64U];
    const std::uint64_t bit = std::uint64_t{1} << mark % 64U;
    ++count_;
    if ((seen & bit) != 0) remove(name, count_ - 1);
    seen |= bit;
  }
  /// A string took the name: the number before it does not count.
  void remove(std::string_view name) { remove(name, count_); }
  /// All have the line's time, and count for good.
  void keep(std::optional<WallTime> time) {
    for (std::size_t i = 0; i < count_; ++i)
      batch_.at(i).time = time;
    batch_.keep(count_);
  }

 private:
  /// Removes the draft of the name among the first `drafts`.
  void remove(std::string_view name, std::size_t drafts) {
    for (std::size_t i = 0; i < drafts; ++i) {
      if (batch_.at(i).key.field != name) continue;
      for (std::size_t j = i; j + 1 < count_; ++j)
        batch_.at(j) = batch_.at(j + 1);
      --count_;
      return;
    }
  }
  /// One of kMarks: names of different marks differ.
  static unsigned mark_of(std::string_view name) {
    const auto byte = [&](std::size_t at) {
      return std::uint64_t{static_cast<unsigned char>(name[at])};
    };
    const std::size_t size = name.size();
    // The bytes that most often differ among the fields of one line.
    const std::uint64_t some =
        byte(0) << 24U | byte(size / 2) << 16U | byte(size - 1) << 8U | (size & 0xffU);
    constexpr std::uint64_t kGolden = 0x9e3779b97f4a7c15;
    return static_cast<unsigned>(some * kGolden >> 56U) % kMarks;
  }
  static constexpr unsigned kMarks = 256;

  SampleBatch& batch_;
  std::size_t count_ = 0;
  std::array<std::uint64_t, kMarks / 64> seen_{};
};

// What a backslash makes part of the text: just what would end it.
constexpr std::string_view kEscapedInName = ", ";
constexpr std::string_view kEscapedInTags = ",= ";

/// Up to the first of Stops that is not escaped; stands on it afterwards. A backslash before one of
/// them always escapes it, whatever is before the backslash.
template <char... Stops>
std::string_view take_token(Cursor& cursor) {
  Cursor probe = cursor;
  for (;; ++probe.at) {
    probe.at = find_any<Stops...>(probe);
    if (probe.done() || probe.at == cursor.at || probe.at[-1] != '\\') break;
  }
  return cursor.take_to(probe.at);
}

/// Whether a token is longer than allowed, not counting the backslashes of escapes.
bool is_longer(std::string_view token, std::string_view escaped, std::size_t bytes_max) {
  if (token.size() <= bytes_max) return false;
  std::size_t escapes = 0;
  for (std::size_t at = 1; at < token.size(); ++at) {
    const bool escape = token[at - 1] == '\\' && escaped.find(token[at]) != std::string_view::npos;
    if (escape) ++escapes;
  }
  return token.size() - escapes > bytes_max;
}

void skip_spaces(Cursor& cursor) {
  while (cursor.is(' '))
    ++cursor.at;
}

using TagSeparators = SeparatorWalk<'=', ',', ' '>;

/// As take_token<'=', ',', ' '>, of a walk that stands at the cursor.
std::string_view take_token(Cursor& cursor, TagSeparators& separators) {
  const char* end = separators.next();
  while (end != cursor.end && end != cursor.at && end[-1] == '\\')
    end = separators.next();
  return cursor.take_to(end);
}

/// ,key=value
Fault take_tag(Cursor& cursor, TagSeparators& separators) {
  ++cursor.at;
  const std::string_view key = take_token(cursor, separators);
  if (key.empty()) return {cursor.is('=') ? Reject::EmptyTagKey : Reject::BadTags, cursor.at};
  if (!cursor.is('=')) return {Reject::BadTags, cursor.at};
  ++cursor.at;
  const std::string_view value = take_token(cursor, separators);
  if (cursor.is('=')) return {Reject::BadTags, cursor.at};
  if (value.empty()) return {Reject::EmptyTagValue, cursor.at};
  if (is_longer(key, kEscapedInTags, model::kTagKeyBytesMax))
    return {Reject::TagKeyTooLong, key.data()};
  if (is_longer(value, kEscapedInTags, model::kTagValueBytesMax))
    return {Reject::TagValueTooLong, value.data()};
  return {};
}

/// name,key=value,key=value and the spaces behind.
Fault take_key(Cursor& cursor, model::RawKey& key) {
  const std::string_view name = take_token<',', ' '>(cursor);
  if (name.empty()) return {Reject::EmptyName, cursor.at};
  if (is_longer(name, kEscapedInName, model::kNameBytesMax))
    return {Reject::NameTooLong, name.data()};
  key.name = name;
  key.style = model::TagStyle::Escaped;
  if (cursor.is(',')) {
    Cursor tags = cursor;
    ++tags.at;
    TagSeparators separators{tags};
    for (std::size_t count = 0; cursor.is(','); ++count) {
      if (count == model::kTagsMax) return {Reject::TooManyTags, cursor.at};
      if (const Fault fault = take_tag(cursor, separators)) return fault;
    }
    key.tags = tags.take_to(cursor.at);
  }
  skip_spaces(cursor);
  return cursor.done() ? Fault{Reject::MissingField, cursor.at} : Fault{};
}

/// Whether name.field is longer than a name may be.
bool is_joined_longer(std::string_view name, std::string_view field) {
  if (name.size() + 1 + field.size() <= model::kNameBytesMax) return false;
  const model::RawKey key{name, {}, model::TagStyle::Escaped, field};  // rare: it may allocate
  return model::SeriesKey::from_raw(model::Kind::Gauge, key).name().size() > model::kNameBytesMax;
}

/// Past "text", in which \" and \\ are escapes.
Fault skip_string(Cursor& cursor) {
  const char* const begin = cursor.at++;
  for (;;) {
    cursor.at = find_any<'"', '\\'>(cursor);
    if (cursor.done()) return {Reject::OpenString, begin};
    const bool quote = *cursor.at++ == '"';
    if (quote) return {};
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
Wrong read_integer(std::string_view text, model::Sample& field) {
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
Wrong read_value(std::string_view text, model::Sample& field) {
  if (text.empty()) return Reject::EmptyValue;
  const char first = text.front();
  if (first == 't' || first == 'T' || first == 'f' || first == 'F') {
    const auto truth = read_bool(text);
    field.value = truth.value_or(false) ? 1 : 0;
    return truth ? Wrong{} : Reject::BadValue;
  }
  if (text.back() == 'i' || text.back() == 'u') return read_integer(text, field);
  const Number number = parse_long_number(text);
  field.value = number.value;
  return wrong_of(number.is);
}

/// A value at the cursor, which stands behind it afterwards.
Fault take_value(Cursor& cursor, model::Sample& field) {
  const ShortNumber number = short_number(cursor.at, cursor.end, cursor.readable);
  if (number.end != nullptr &&
      (number.end == cursor.end || *number.end == ',' || *number.end == ' ')) {
    cursor.at = number.end;
    field.value = number.value;
    return {};
  }
  const std::string_view text = cursor.take_to(find_any<',', ' '>(cursor));
  return {read_value(text, field), text.data()};
}

/// What a line says besides its samples.
struct Line {
  std::string_view name;
  std::uint64_t strings = 0;
};

/// key=value
Fault take_field(Cursor& cursor, Line& line, Fields& fields) {
  const std::string_view name = take_token<'=', ',', ' '>(cursor);
  if (name.empty()) return {Reject::EmptyField, cursor.at};
  if (!cursor.is('=')) return {Reject::MissingValue, cursor.at};
  if (is_joined_longer(line.name, name)) return {Reject::NameTooLong, name.data()};
  ++cursor.at;
  if (!cursor.is('"')) {
    model::Sample* const draft = fields.draft();
    if (draft == nullptr) return {Reject::TooManyFields, name.data()};
    if (const Fault fault = take_value(cursor, *draft)) return fault;
    fields.put(*draft, name);
    return {};
  }
  if (const Fault fault = skip_string(cursor)) return fault;
  if (!cursor.done() && *cursor.at != ',' && *cursor.at != ' ')
    return {Reject::BadValue, cursor.at};
  fields.remove(name);
  ++line.strings;
  return {};
}

Fault take_fields(Cursor& cursor, Line& line, Fields& fields) {
  for (;; ++cursor.at) {
    if (const Fault fault = take_field(cursor, line, fields)) return fault;
    if (!cursor.is(',')) return {};
  }
}

Fault take_time(Cursor& cursor, TimeUnit unit, std::optional<WallTime>& time) {
  skip_spaces(cursor);
  if (cursor.done()) return {};
  const std::string_view text = cursor.take_to(find_any<' '>(cursor));
  skip_spaces(cursor);
  if (!cursor.done()) return {Reject::TrailingText, cursor.at};
  time = parse_unix_time(text, unit);
  return time ? Fault{} : Fault{Reject::BadTime, text.data()};
}

/// A line that is neither blank nor a comment.
Fault read_point(Cursor& cursor, TimeUnit unit, LineLedger& ledger, SampleBatch& batch) {
  model::Sample& first = batch.draft();
  first = {};
  first.kind = model::Kind::Gauge;
  Line line;
  Fields fields{batch};
  std::optional<WallTime> time;
  if (const Fault fault = take_key(cursor, first.key)) return fault;
  line.name = first.key.name;
  if (const Fault fault = take_fields(cursor, line, fields)) return fault;
  if (const Fault fault = take_time(cursor, unit, time)) return fault;
  fields.keep(time);
  ++ledger.accepted;
  ledger.samples += fields.count();
  ledger.notes.string_field += line.strings;
  return {};
}

}  // namespace

void InfluxLine::parse(std::string_view block, LineLedger& ledger, SampleBatch& batch) const {
  read_lines(block, LineRule::Quoted, ledger, batch, [&](std::string_view line) -> Fault {
    Cursor cursor = cursor_of(line, block);
    skip_spaces(cursor);
    if (!cursor.done() && !cursor.is('#')) {
      return read_point(cursor, options_.precision, ledger, batch);
    }
    ++(cursor.done() ? ledger.ignored.blank : ledger.ignored.comment);
    return {};
  });
}

}  // namespace ingest::codec
