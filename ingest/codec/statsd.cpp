#include "ingest/codec/statsd.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <optional>

#include "ingest/codec/number.h"
#include "ingest/codec/utf8.h"

namespace ingest::codec {
namespace {

using model::Kind;
using model::TagStyle;

/// Nothing when all is well.
using Fault = std::optional<Reject>;

/// A line taken apart.
struct Line {
  model::RawKey key;
  std::string_view values;  // "1:2:3"
  std::string_view rest;    // after the kind: "@0.1|#a:b"
  Kind kind = Kind::Counter;
  model::Rate rate;
  std::optional<WallTime> time;
  bool has_rate = false;
  bool has_tags = false;
  std::uint64_t unknown_fields = 0;
};

/// The bytes that end a plain name: `:` the value, `|` a fault, `,` `#` `[` tags of another style.
constexpr auto kEndsName = [] {
  std::array<bool, 256> ends{};
  for (const unsigned char c : {':', '|', ',', '#', '['})
    ends[c] = true;
  return ends;
}();

std::size_t plain_name_bytes(std::string_view line) {
  std::size_t at = 0;
  while (at < line.size() && !kEndsName[static_cast<unsigned char>(line[at])])
    ++at;
  return at;
}

/// Up to the next `wanted`; what follows it stays in `text`.
std::string_view cut_to(std::string_view& text, char wanted) {
  const std::size_t end = std::min(text.find(wanted), text.size());
  const std::string_view head = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return head;
}

Fault check_tag(std::size_t key_bytes, std::size_t value_bytes) {
  if (key_bytes == 0) return Reject::EmptyTagKey;
  if (key_bytes > model::kTagKeyBytesMax) return Reject::TagKeyTooLong;
  if (value_bytes > model::kTagValueBytesMax) return Reject::TagValueTooLong;
  return std::nullopt;
}

/// key:value,key,,key:value with the separator of the style; an empty element is nothing.
Fault check_tags(std::string_view tags, TagStyle style) {
  const char separator = style == TagStyle::Colon ? ':' : '=';
  constexpr std::size_t kNone = std::string_view::npos;
  std::size_t count = 0;
  std::size_t start = 0;
  std::size_t divide = kNone;
  for (std::size_t at = 0; at <= tags.size(); ++at) {
    const bool ends = at == tags.size() || tags[at] == ',';
    if (!ends) {
      if (tags[at] == separator && divide == kNone) divide = at;
      continue;
    }
    if (at > start) {
      if (++count > model::kTagsMax) return Reject::TooManyTags;
      const std::size_t key_end = divide == kNone ? at : divide;
      const std::size_t value_start = divide == kNone ? at : divide + 1;
      if (const Fault fault = check_tag(key_end - start, at - value_start)) return fault;
    }
    start = at + 1;
    divide = kNone;
  }
  return std::nullopt;
}

/// name[k=v]: the brackets say where the tags end, so a value may hold a colon.
Fault read_bracket_tags(std::string_view& line, Line& out) {
  const std::size_t close = line.find(']');
  if (close == std::string_view::npos) return Reject::BadTags;
  out.key.tags = line.substr(0, close);
  line.remove_prefix(close + 1);
  if (line.empty() || line.front() == '|') return Reject::MissingValue;
  if (line.front() != ':') return Reject::BadTags;
  line.remove_prefix(1);
  return std::nullopt;
}

/// name,k=v: and name#k=v: end at the first colon.
Fault read_inline_tags(std::string_view& line, Line& out) {
  const std::size_t end = line.find_first_of(":|");
  if (end == std::string_view::npos || line[end] == '|') return Reject::MissingValue;
  out.key.tags = line.substr(0, end);
  line.remove_prefix(end + 1);
  return std::nullopt;
}

/// Name and tags before the value, in any style; `line` begins with the values afterwards.
Fault read_name(std::string_view& line, Line& out) {
  const std::size_t bytes = plain_name_bytes(line);
  if (bytes == line.size() || line[bytes] == '|') return Reject::MissingValue;
  if (bytes == 0) return Reject::EmptyName;
  if (bytes > model::kNameBytesMax) return Reject::NameTooLong;
  out.key.name = line.substr(0, bytes);
  const char end = line[bytes];
  line.remove_prefix(bytes + 1);
  if (end == ':') return std::nullopt;
  const Fault fault = end == '[' ? read_bracket_tags(line, out) : read_inline_tags(line, out);
  if (fault) return fault;
  out.key.style = TagStyle::Equals;
  out.has_tags = true;
  return check_tags(out.key.tags, TagStyle::Equals);
}

std::optional<Kind> kind_of(std::string_view text) {
  if (text == "ms") return Kind::Timer;
  if (text.size() != 1) return std::nullopt;
  switch (text.front()) {
    case 'c':
      return Kind::Counter;
    case 'g':
      return Kind::Gauge;
    case 'h':
    case 'd':
      return Kind::Timer;
    case 's':
      return Kind::Set;
    default:
      return std::nullopt;
  }
}

Fault read_kind(std::string_view line, Line& out) {
  const std::size_t end = line.find('|');
  if (end == std::string_view::npos) return Reject::MissingKind;
  out.values = line.substr(0, end);
  line.remove_prefix(end + 1);
  const std::string_view text = cut_to(line, '|');
  if (text.empty()) return Reject::EmptyKind;
  const auto kind = kind_of(text);
  if (!kind) return Reject::UnknownKind;
  out.kind = *kind;
  out.rest = line;
  return std::nullopt;
}

Fault read_rate(std::string_view text, Line& out) {
  if (out.has_rate) return Reject::RepeatedField;
  const auto rate = parse_rate(text);
  if (!rate) return Reject::BadRate;
  out.rate = *rate;
  out.has_rate = true;
  return std::nullopt;
}

Fault read_tags(std::string_view text, Line& out) {
  if (out.has_tags) {
    return out.key.style == TagStyle::Equals ? Reject::MixedTags : Reject::RepeatedField;
  }
  out.key.tags = text;
  out.has_tags = true;
  return check_tags(text, TagStyle::Colon);
}

Fault read_time(std::string_view text, Line& out) {
  if (out.time) return Reject::RepeatedField;
  out.time = parse_unix_seconds(text);
  return out.time ? Fault{} : Reject::BadTime;
}

/// @rate, #tags, Tseconds and c:container in any order; others are noted.
Fault read_fields(Line& out) {
  for (std::string_view rest = out.rest; !rest.empty();) {
    const std::string_view field = cut_to(rest, '|');
    const char first = field.empty() ? '\0' : field.front();
    Fault fault;
    if (first == '@') {
      fault = read_rate(field.substr(1), out);
    } else if (first == '#') {
      fault = read_tags(field.substr(1), out);
    } else if (first == 'T') {
      fault = read_time(field.substr(1), out);
    } else if (field.substr(0, 2) != "c:") {
      ++out.unknown_fields;
    }
    if (fault) return fault;
  }
  return std::nullopt;
}

Fault fault_of(Number::Is is) {
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

/// Turns the values of a line into samples.
class Emitter {
 public:
  Emitter(const Line& line, SignedGauge signed_gauge) : signed_gauge_(signed_gauge) {
    sample_.kind = line.kind;
    sample_.key = line.key;
    sample_.time = line.time;
    if (line.kind == Kind::Counter || line.kind == Kind::Timer) sample_.rate = line.rate;
  }

  /// All values of the line or none: several are looked at before the first is given on.
  Fault emit(std::string_view values, LineLedger& ledger, SampleBatch& batch) {
    if (values.empty()) return Reject::EmptyValue;
    if (sample_.kind == Kind::Set) {
      sample_.member = values;
      ++ledger.samples;
      batch.push(sample_);
      return std::nullopt;
    }
    if (values.find(':') == std::string_view::npos) return emit_one(values, ledger, batch);
    if (const Fault fault = check_all(values)) return fault;
    while (!values.empty()) {
      const std::string_view value = cut_to(values, ':');
      if (!value.empty()) emit_one(value, ledger, batch);
    }
    return std::nullopt;
  }

 private:
  static Fault check_all(std::string_view values) {
    bool any = false;
    while (!values.empty()) {
      const std::string_view value = cut_to(values, ':');
      if (value.empty()) continue;
      if (const Fault fault = fault_of(parse_number(value).is)) return fault;
      any = true;
    }
    return any ? Fault{} : Reject::EmptyValue;
  }

  Fault emit_one(std::string_view value, LineLedger& ledger, SampleBatch& batch) {
    const Number number = parse_number(value);
    if (const Fault fault = fault_of(number.is)) return fault;
    sample_.value = number.value;
    if (sample_.kind == Kind::Gauge) sample_.change = change_of(value.front());
    ++ledger.samples;
    batch.push(sample_);
    return std::nullopt;
  }

  model::GaugeChange change_of(char first) const {
    const bool is_signed = first == '+' || first == '-';
    return is_signed && signed_gauge_ == SignedGauge::Delta ? model::GaugeChange::Add
                                                            : model::GaugeChange::Set;
  }

  model::Sample sample_;
  SignedGauge signed_gauge_;
};

std::optional<std::size_t> cut_count(std::string_view& text, char end) {
  std::size_t value = 0;
  std::size_t at = 0;
  for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
    value = value * 10 + static_cast<std::size_t>(text[at] - '0');
    if (value > kLineBytesMax) return std::nullopt;
  }
  if (at == 0 || at == text.size() || text[at] != end) return std::nullopt;
  text.remove_prefix(at + 1);
  return value;
}

/// _e{5,4}:title|text|more: the lengths are of title and text in bytes.
bool is_event(std::string_view text) {
  const auto title_bytes = cut_count(text, ',');
  const auto text_bytes = title_bytes ? cut_count(text, '}') : std::nullopt;
  if (!text_bytes || *title_bytes == 0) return false;
  const std::size_t divide = 1 + *title_bytes;
  const std::size_t end = divide + 1 + *text_bytes;
  return text.size() >= end && text.front() == ':' && text[divide] == '|' &&
         (text.size() == end || text[end] == '|');
}

/// _sc|name|0|more: the status is 0 to 3.
bool is_service_check(std::string_view text) {
  const std::string_view name = cut_to(text, '|');
  const std::string_view status = cut_to(text, '|');
  return !name.empty() && status.size() == 1 && status.front() >= '0' && status.front() <= '3';
}

/// Whether the line is a DogStatsD event or service check, and not a metric of such a name.
bool read_annotation(std::string_view line, Fault& fault) {
  constexpr std::string_view kEvent = "_e{";
  constexpr std::string_view kCheck = "_sc|";
  bool good = false;
  if (line.substr(0, kEvent.size()) == kEvent) {
    good = is_event(line.substr(kEvent.size()));
  } else if (line.substr(0, kCheck.size()) == kCheck) {
    good = is_service_check(line.substr(kCheck.size()));
  } else {
    return false;
  }
  if (!good) fault = Reject::BadAnnotation;
  return true;
}

Fault read_metric(std::string_view text, SignedGauge signed_gauge, LineLedger& ledger,
                  SampleBatch& batch) {
  Line line;
  if (const Fault fault = read_name(text, line)) return fault;
  if (const Fault fault = read_kind(text, line)) return fault;
  if (const Fault fault = read_fields(line)) return fault;
  if (const Fault fault = Emitter{line, signed_gauge}.emit(line.values, ledger, batch))
    return fault;
  ++ledger.accepted;
  ledger.notes.unknown_field += line.unknown_fields;
  const bool weighted = line.kind == Kind::Counter || line.kind == Kind::Timer;
  if (!weighted && line.rate.numerator != line.rate.denominator) ++ledger.notes.rate_ignored;
  return std::nullopt;
}

}  // namespace

void Statsd::parse(std::string_view block, LineLedger& ledger, SampleBatch& batch) const {
  // One look at the whole block spares nearly every line its own.
  const bool plain = is_plain_ascii(block);
  while (!block.empty()) {
    std::string_view line = cut_to(block, '\n');
    ++ledger.received;
    if (line.size() > kLineBytesMax) {
      ledger.reject(Reject::LineTooLong);
      continue;
    }
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line.empty()) {
      ++ledger.ignored.blank;
      continue;
    }
    Fault fault;
    if (!plain && !is_utf8_without_nul(line)) {
      fault = Reject::BadUtf8;
    } else if (line.front() != '_' || !read_annotation(line, fault)) {
      fault = read_metric(line, options_.signed_gauge, ledger, batch);
    } else if (!fault) {
      ++ledger.ignored.annotation;
    }
    if (fault) ledger.reject(*fault);
  }
}

void Statsd::parse(std::string_view block, LineLedger& ledger, model::SampleSink& sink) const {
  SampleBatch batch{sink};
  parse(block, ledger, batch);
  batch.flush();
}

}  // namespace ingest::codec
