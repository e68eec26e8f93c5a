#include "ingest/codec/statsd.h"

#include "ingest/codec/dogstatsd_annotation.h"
#include "ingest/codec/lines.h"
#include "ingest/codec/number.h"
#include "ingest/codec/scan.h"
#include "ingest/codec/short_number.h"
#include "ingest/codec/tag_list.h"
#include "ingest/codec/unix_time.h"

namespace ingest::codec {
namespace {

using model::Kind;
using model::Sample;
using model::TagStyle;

/// What a line says besides its sample, which is written where the batch has it: a copy would wait
/// for its own stores.
struct Line {
  std::string_view values;  // "1:2:3"
  ShortNumber number;       // of the values, when they are one short number
  bool has_rate = false;
  bool has_tags = false;
  std::uint64_t unknown_fields = 0;
};

/// name[k=v]: the brackets say where the tags end, so a value may hold a colon.
Fault take_bracket_tags(Cursor& cursor, model::RawKey& key) {
  const char* const close = find_any<']'>(cursor);
  if (close == cursor.end) return {Reject::BadTags, cursor.end};
  key.tags = cursor.take_to(close);
  ++cursor.at;
  if (cursor.done() || cursor.is('|')) return {Reject::MissingValue, cursor.at};
  return cursor.is(':') ? Fault{} : Fault{Reject::BadTags, cursor.at};
}

/// name,k=v: and name#k=v: end at the first colon.
Fault take_inline_tags(Cursor& cursor, model::RawKey& key) {
  key.tags = cursor.take_to(find_any<':', '|'>(cursor));
  return cursor.is(':') ? Fault{} : Fault{Reject::MissingValue, cursor.at};
}

/// Name and tags before the value, in any style, and the colon.
Fault take_name(Cursor& cursor, model::RawKey& key, Line& line) {
  // `:` ends it; `|` is a fault; `,` `#` `[` are tags of another style.
  const char* const end = find_any<':', '|', ',', '#', '['>(cursor);
  if (end == cursor.end || *end == '|') return {Reject::MissingValue, end};
  key.name = cursor.take_to(end);
  if (key.name.empty()) return {Reject::EmptyName, end};
  if (const Fault fault = too_long(key.name, model::kNameBytesMax, Reject::NameTooLong))
    return fault;
  ++cursor.at;
  if (*end == ':') return {};
  Cursor tags = cursor;
  const Fault fault = *end == '[' ? take_bracket_tags(cursor, key) : take_inline_tags(cursor, key);
  if (fault) return fault;
  ++cursor.at;
  key.style = TagStyle::Equals;
  line.has_tags = true;
  tags.end = tags.at + key.tags.size();
  return check_tag_list<'='>(tags);
}

/// The values up to the kind's `|`, and that.
Fault take_values(Cursor& cursor, Line& line) {
  line.number = short_number(cursor.at, cursor.end, cursor.readable);
  const bool is_one =
      line.number.end != nullptr && line.number.end != cursor.end && *line.number.end == '|';
  if (!is_one) line.number.end = nullptr;
  const char* const end = is_one ? line.number.end : find_any<'|'>(cursor);
  if (end == cursor.end) return {Reject::MissingKind, end};
  line.values = cursor.take_to(end);
  ++cursor.at;
  return {};
}

/// The kind and the `|` behind it, where there is one.
Fault take_kind(Cursor& cursor, Kind& kind) {
  const char* const begin = cursor.at;
  if (cursor.done() || cursor.is('|')) return {Reject::EmptyKind, begin};
  switch (*cursor.at++) {
    case 'c':
      kind = Kind::Counter;
      break;
    case 'g':
      kind = Kind::Gauge;
      break;
    case 'm':
      if (!cursor.is('s')) return {Reject::UnknownKind, begin};
      ++cursor.at;
      kind = Kind::Timer;
      break;
    case 'h':
    case 'd':
      kind = Kind::Timer;
      break;
    case 's':
      kind = Kind::Set;
      break;
    default:
      return {Reject::UnknownKind, begin};
  }
  if (cursor.done()) return {};
  return *cursor.at++ == '|' ? Fault{} : Fault{Reject::UnknownKind, begin};
}

Fault read_rate(std::string_view text, Sample& sample, Line& line) {
  if (line.has_rate) return {Reject::RepeatedField, text.data()};
  const auto rate = parse_rate(text);
  if (!rate) return {Reject::BadRate, text.data()};
  sample.rate = *rate;
  line.has_rate = true;
  return {};
}

Fault read_tags(const Cursor& tags, model::RawKey& key, Line& line) {
  if (line.has_tags) {
    const bool mixed = key.style == TagStyle::Equals;
    return {mixed ? Reject::MixedTags : Reject::RepeatedField, tags.at};
  }
  key.tags = tags.rest();
  line.has_tags = true;
  return check_tag_list<':'>(tags);
}

Fault read_time(std::string_view text, Sample& sample) {
  if (sample.time) return {Reject::RepeatedField, text.data()};
  sample.time = parse_unix_time(text, TimeUnit::Seconds);
  return sample.time ? Fault{} : Fault{Reject::BadTime, text.data()};
}

/// One of @rate, #tags, Tseconds and c:container; others are noted.
Fault read_field(Cursor field, Sample& sample, Line& line) {
  const char first = field.done() ? '\0' : *field.at;
  if (first == '#') {
    ++field.at;
    return read_tags(field, sample.key, line);
  }
  const std::string_view text = field.rest();
  if (first == '@') return read_rate(text.substr(1), sample, line);
  if (first == 'T') return read_time(text.substr(1), sample);
  if (text.substr(0, 2) != "c:") ++line.unknown_fields;
  return {};
}

/// What follows the kind, in any order.
Fault take_fields(Cursor& cursor, Sample& sample, Line& line) {
  while (!cursor.done()) {
    Cursor field = cursor;
    field.end = find_any<'|'>(cursor);
    cursor.at = field.end;
    if (!cursor.done()) ++cursor.at;
    if (const Fault fault = read_field(field, sample, line)) return fault;
  }
  return {};
}

bool is_weighted(Kind kind) {
  return kind == Kind::Counter || kind == Kind::Timer;
}

/// Up to the next colon; what follows it stays in `values`.
std::string_view cut_value(std::string_view& values) {
  const std::size_t end = std::min(values.find(':'), values.size());
  const std::string_view value = values.substr(0, end);
  values.remove_prefix(std::min(end + 1, values.size()));
  return value;
}

/// Turns the values of a line into samples like the draft.
class Emitter {
 public:
  Emitter(SignedGauge signed_gauge, SampleBatch& batch)
      : signed_gauge_(signed_gauge), batch_(batch) {}

  /// All values of the line or none: several are looked at before the first is given on. Adds the
  /// number of samples to `samples`.
  Fault emit(const Line& line, Sample& draft, std::uint64_t& samples) {
    if (line.values.empty()) return {Reject::EmptyValue, line.values.data()};
    if (draft.kind == Kind::Set) {
      draft.member = line.values;
    } else if (line.number.end != nullptr) {
      draft.value = line.number.value;
      draft.change = change_of(draft.kind, line.values.front());
    } else {
      return emit_many(line.values, draft, samples);
    }
    batch_.keep();
    ++samples;
    return {};
  }

 private:
  Fault emit_many(std::string_view values, const Sample& draft, std::uint64_t& samples) {
    if (const Fault fault = check_all(values)) return fault;
    const Sample form = draft;
    while (!values.empty()) {
      const std::string_view value = cut_value(values);
      if (value.empty()) continue;
      Sample& sample = batch_.draft();
      sample = form;
      sample.value = parse_number(value).value;
      sample.change = change_of(form.kind, value.front());
      batch_.keep();
      ++samples;
    }
    return {};
  }

  static Fault check_all(std::string_view values) {
    const char* const begin = values.data();
    bool any = false;
    while (!values.empty()) {
      const std::string_view value = cut_value(values);
      if (value.empty()) continue;
      if (const Wrong wrong = wrong_of(parse_number(value).is)) return {wrong, value.data()};
      any = true;
    }
    return any ? Fault{} : Fault{Reject::EmptyValue, begin};
  }

  model::GaugeChange change_of(Kind kind, char first) const {
    const bool adds = kind == Kind::Gauge && signed_gauge_ == SignedGauge::Delta &&
                      (first == '+' || first == '-');
    return adds ? model::GaugeChange::Add : model::GaugeChange::Set;
  }

  SignedGauge signed_gauge_;
  SampleBatch& batch_;
};

Fault read_metric(Cursor cursor, SignedGauge signed_gauge, LineLedger& ledger, SampleBatch& batch) {
  Line line;
  Sample& sample = batch.draft();
  sample = {};
  if (const Fault fault = take_name(cursor, sample.key, line)) return fault;
  if (const Fault fault = take_values(cursor, line)) return fault;
  if (const Fault fault = take_kind(cursor, sample.kind)) return fault;
  if (const Fault fault = take_fields(cursor, sample, line)) return fault;
  const bool rate_ignored =
      !is_weighted(sample.kind) && sample.rate.numerator != sample.rate.denominator;
  if (!is_weighted(sample.kind)) sample.rate = {};
  Emitter emitter{signed_gauge, batch};
  if (const Fault fault = emitter.emit(line, sample, ledger.samples)) return fault;
  ++ledger.accepted;
  ledger.notes.unknown_field += line.unknown_fields;
  if (rate_ignored) ++ledger.notes.rate_ignored;
  return {};
}

Fault note_annotation(const Cursor& cursor, LineLedger& ledger, SampleBatch& batch) {
  ReadAnnotation read;
  if (const Fault fault = read_annotation(cursor, read)) return fault;
  ++ledger.ignored.annotation;
  ledger.notes.unknown_field += read.unknown_fields;
  batch.note(read.annotation);
  return {};
}

}  // namespace

void Statsd::parse(std::string_view block, LineLedger& ledger, SampleBatch& batch) const {
  read_lines(block, LineRule::Newline, ledger, batch, [&](std::string_view line) -> Fault {
    const Cursor cursor = cursor_of(line, block);
    if (*cursor.at == '_' && is_annotation(cursor)) return note_annotation(cursor, ledger, batch);
    return read_metric(cursor, options_.signed_gauge, ledger, batch);
  });
}

void Statsd::parse(std::string_view block, LineLedger& ledger, model::SampleSink& sink) const {
  SampleBatch batch{sink};
  parse(block, ledger, batch);
  batch.flush();
}

}  // namespace ingest::codec
