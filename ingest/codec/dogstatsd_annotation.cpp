#include "ingest/codec/dogstatsd_annotation.h"

#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "ingest/codec/short_number.h"
#include "ingest/codec/tag_list.h"
#include "ingest/codec/unix_time.h"

namespace ingest::codec {
namespace {

using model::Annotation;
using Level = Annotation::Level;

constexpr std::string_view kEvent = "_e{";
constexpr std::string_view kCheck = "_sc|";

bool begins_with(const Cursor& line, std::string_view text) {
  return line.rest().substr(0, text.size()) == text;
}

/// Digits and the byte that ends them.
std::optional<std::size_t> take_count(Cursor& cursor, char end) {
  constexpr std::size_t kDigitsMax = 5;  // of a line's length
  const Digits digits = take_digits(cursor.at, cursor.end);
  const std::size_t count = cursor.take_to(digits.end).size();
  if (count == 0 || count > kDigitsMax || !cursor.is(end)) return std::nullopt;
  ++cursor.at;
  return digits.value;
}

/// `bytes` of text, of which any may be a separator.
bool take_text(Cursor& cursor, std::size_t bytes, std::string_view& text) {
  if (cursor.left() < bytes) return false;
  text = cursor.take_to(cursor.at + bytes);
  return true;
}

std::string_view take_field(Cursor& cursor) {
  const std::string_view text = cursor.take_to(find_any<'|'>(cursor));
  if (!cursor.done()) ++cursor.at;
  return text;
}

/// {5,4}:title|text: the lengths are of title and text in bytes.
bool take_event(Cursor& cursor, Annotation& event) {
  const auto title_bytes = take_count(cursor, ',');
  const auto text_bytes = title_bytes ? take_count(cursor, '}') : std::nullopt;
  if (!text_bytes || *title_bytes == 0 || !cursor.is(':')) return false;
  ++cursor.at;
  if (!take_text(cursor, *title_bytes, event.title) || !cursor.is('|')) return false;
  ++cursor.at;
  if (!take_text(cursor, *text_bytes, event.text)) return false;
  if (cursor.done()) return true;
  return *cursor.at++ == '|';
}

/// name|0: the status is 0 to 3.
bool take_check(Cursor& cursor, Annotation& check) {
  constexpr std::array<Level, 4> kLevels{Level::Success, Level::Warning, Level::Error, Level::Info};
  check.title = take_field(cursor);
  const std::string_view status = take_field(cursor);
  if (check.title.empty() || status.size() != 1) return false;
  const auto number = static_cast<std::size_t>(status.front() - '0');
  if (number >= kLevels.size()) return false;
  check.level = kLevels[number];
  return true;
}

bool read_level(std::string_view text, Level& level) {
  using Named = std::pair<std::string_view, Level>;
  constexpr std::array<Named, 4> kNames{{{"info", Level::Info},
                                         {"success", Level::Success},
                                         {"warning", Level::Warning},
                                         {"error", Level::Error}}};
  for (const auto& [name, named] : kNames) {
    if (name != text) continue;
    level = named;
    return true;
  }
  return false;
}

bool read_priority(std::string_view text, Annotation::Priority& priority) {
  priority = text == "low" ? Annotation::Priority::Low : Annotation::Priority::Normal;
  return text == "normal" || text == "low";
}

/// What follows the two bytes of its name; `name` is 'd' of "d:".
bool read_field(char name, std::string_view text, ReadAnnotation& out) {
  Annotation& annotation = out.annotation;
  const bool event = annotation.of == Annotation::Of::Event;
  switch (name) {
    case 'd':
      annotation.time = parse_unix_time(text, TimeUnit::Seconds);
      return annotation.time.has_value();
    case 'h':
      annotation.host = text;
      return true;
    case 't':
      if (event) return read_level(text, annotation.level);
      break;
    case 'p':
      if (event) return read_priority(text, annotation.priority);
      break;
    case 'k':
      if (!event) break;
      annotation.aggregation_key = text;
      return true;
    case 's':
      if (!event) break;
      annotation.source_type = text;
      return true;
    case 'c':  // the container
      return true;
    default:
      break;
  }
  ++out.unknown_fields;
  return true;
}

Fault take_fields(Cursor& cursor, ReadAnnotation& out) {
  const bool check = out.annotation.of == Annotation::Of::Check;
  while (!cursor.done()) {
    if (check && begins_with(cursor, "m:")) {  // the message is last: it may hold separators
      out.annotation.text = cursor.rest().substr(2);
      return {};
    }
    Cursor field = cursor;
    const std::string_view text = take_field(cursor);
    if (text.substr(0, 1) == "#") {
      out.annotation.tags = text.substr(1);
      field = {text.data() + 1, text.data() + text.size(), field.readable};
      if (const Fault fault = check_tag_list<':'>(field)) return fault;
    } else if (text.size() >= 2 && text[1] == ':') {
      if (!read_field(text[0], text.substr(2), out)) return {Reject::BadAnnotation, text.data()};
    } else {
      ++out.unknown_fields;
    }
  }
  return {};
}

}  // namespace

bool is_annotation(const Cursor& line) {
  return begins_with(line, kEvent) || begins_with(line, kCheck);
}

Fault read_annotation(Cursor line, ReadAnnotation& out) {
  const bool event = begins_with(line, kEvent);
  out.annotation.of = event ? Annotation::Of::Event : Annotation::Of::Check;
  line.at += event ? kEvent.size() : kCheck.size();
  const bool good = event ? take_event(line, out.annotation) : take_check(line, out.annotation);
  return good ? take_fields(line, out) : Fault{Reject::BadAnnotation, line.at};
}

}  // namespace ingest::codec
