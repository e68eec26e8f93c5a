#include "ingest/codec/graphite.h"

#include <optional>

#include "ingest/codec/lines.h"
#include "ingest/codec/number.h"
#include "ingest/codec/scan.h"
#include "ingest/codec/separators.h"
#include "ingest/codec/short_number.h"
#include "ingest/codec/unix_time.h"

namespace ingest::codec {
namespace {

void skip_blanks(Cursor& cursor) {
  while (cursor.is(' ') || cursor.is('\t'))
    ++cursor.at;
}

/// Up to the next space or tab.
std::string_view take_part(Cursor& cursor) {
  return cursor.take_to(find_any<' ', '\t'>(cursor));
}

/// ;key=value;key=value, from the first semicolon on.
Fault take_tags(Cursor& cursor) {
  SeparatorWalk<'=', ';', ' ', '\t'> separators{{cursor.at + 1, cursor.end, cursor.readable}};
  for (std::size_t count = 0; cursor.is(';'); ++count) {
    if (count == model::kTagsMax) return {Reject::TooManyTags, cursor.at};
    ++cursor.at;
    const std::string_view key = cursor.take_to(separators.next());
    if (!cursor.is('=')) return {Reject::BadTags, cursor.at};
    if (key.empty()) return {Reject::EmptyTagKey, cursor.at};
    if (const Fault fault = too_long(key, model::kTagKeyBytesMax, Reject::TagKeyTooLong))
      return fault;
    ++cursor.at;
    const char* value_end = separators.next();
    while (value_end != cursor.end && *value_end == '=')
      value_end = separators.next();
    const std::string_view value = cursor.take_to(value_end);
    if (value.empty()) return {Reject::EmptyTagValue, cursor.at};
    if (const Fault fault = too_long(value, model::kTagValueBytesMax, Reject::TagValueTooLong))
      return fault;
  }
  return {};
}

/// name;key=value;key=value
Fault take_key(Cursor& cursor, model::RawKey& key) {
  key.name = cursor.take_to(find_any<';', ' ', '\t'>(cursor));
  key.style = model::TagStyle::Semicolon;
  if (key.name.empty()) return {Reject::EmptyName, cursor.at};
  if (const Fault fault = too_long(key.name, model::kNameBytesMax, Reject::NameTooLong))
    return fault;
  if (!cursor.is(';')) return {};
  Cursor tags = cursor;
  ++tags.at;
  if (const Fault fault = take_tags(cursor)) return fault;
  key.tags = tags.take_to(cursor.at);
  return {};
}

Fault take_value(Cursor& cursor, double& value) {
  skip_blanks(cursor);
  const ShortNumber short_one = short_number(cursor.at, cursor.end, cursor.readable);
  if (short_one.end != nullptr && short_one.end != cursor.end && *short_one.end == ' ') {
    cursor.at = short_one.end;
    value = short_one.value;
    return {};
  }
  const std::string_view text = take_part(cursor);
  if (text.empty()) return {Reject::MissingValue, text.data()};
  const Number number = parse_long_number(text);
  value = number.value;
  return {wrong_of(number.is), text.data()};
}

Fault take_time(Cursor& cursor, std::optional<WallTime>& time) {
  skip_blanks(cursor);
  const std::string_view text = take_part(cursor);
  if (text.empty()) return {Reject::MissingTime, text.data()};
  skip_blanks(cursor);
  if (!cursor.done()) return {Reject::TrailingText, cursor.at};
  if (text == "-1") return {};
  time = parse_unix_time(text, TimeUnit::Seconds);
  return time ? Fault{} : Fault{Reject::BadTime, text.data()};
}

}  // namespace

void Graphite::parse(std::string_view block, LineLedger& ledger, SampleBatch& batch) const {
  read_lines(block, LineRule::Newline, ledger, batch, [&](std::string_view line) -> Fault {
    Cursor cursor = cursor_of(line, block);
    skip_blanks(cursor);
    if (cursor.done()) {
      ++ledger.ignored.blank;
      return {};
    }
    model::Sample& sample = batch.draft();
    sample = {};
    sample.kind = model::Kind::Gauge;
    if (const Fault fault = take_key(cursor, sample.key)) return fault;
    if (const Fault fault = take_value(cursor, sample.value)) return fault;
    if (const Fault fault = take_time(cursor, sample.time)) return fault;
    batch.keep();
    ++ledger.accepted;
    ++ledger.samples;
    return {};
  });
}

}  // namespace ingest::codec
