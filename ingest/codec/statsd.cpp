#include "ingest/codec/statsd.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <optional>

#include "ingest/codec/number.h"
#include "ingest/codec/unix_time.h"
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
  std::string_view fields;  // after the kind: "@0.1|#a:b"
  Kind kind = Kind::Counter;
  model::Rate rate;
  std::optional<WallTime> time;
  bool has_many_values = false;
  bool has_rate = false;
  bool has_tags = false;
  std::uint64_t unknown_fields = 0;
};

/// The bytes that end a plain name: `:` the value, `|` a fault, `,` `#` `[` tags of another style.
constexpr auto kEndsName = [] {
  std::array<bool, 256> ends{};
  for (const char c : std::string_view{":|,#["})
    ends[static_cast<unsigned char>(c)] = true;
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

/// `key`, or key and value.
Fault check_tag(std::string_view element, char separator) {
  const std::size_t key_bytes = std::min(element.find(separator), element.size());
  if (key_bytes == 0) return Reject::EmptyTagKey;
  if (key_bytes > model::kTagKeyBytesMax) return Reject::TagKeyTooLong;
  const std::size_t rest_bytes = element.size() - key_bytes;  // the separator and the value
  if (rest_bytes > 1 + model::kTagValueBytesMax) return Reject::TagValueTooLong;
  return std::nullopt;
}

/// key:value,key,,key:value with the separator of the style; an empty element is nothing.
Fault check_tags(std::string_view tags, TagStyle style) {
  const char separator = style == TagStyle::Colon ? ':' : '=';
  std::size_t count = 0;
  while (!tags.empty()) {
    const std::string_view element = cut_to(tags, ',');
    if (element.empty()) continue;
    if (++count > model::kTagsMax) return Reject::TooManyTags;
    if (const Fault fault = check_tag(element, separator)) return fault;
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

std::optional<Kind> kind_of(char letter) {
  switch (letter) {
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

/// The kind at the beginning of `text`; the fields after it stay there.
std::optional<Kind> cut_kind(std::string_view& text) {
  const std::size_t bytes = text.substr(0, 2) == "ms" ? 2 : 1;
  if (text.size() > bytes && text[bytes] != '|') return std::nullopt;
  const auto kind = bytes == 2 ? Kind::Timer : kind_of(text.front());
  text.remove_prefix(std::min(bytes + 1, text.size()));
  return kind;
}

/// The values and the kind; what is left of the line are its fields.
Fault read_kind(std::string_view line, Line& out) {
  // Values are short: a look at each byte is cheaper than a search.
  std::size_t end = 0;
  for (; end < line.size() && line[end] != '|'; ++end) {
    if (line[end] == ':') out.has_many_values = true;
  }
  if (end == line.size()) return Reject::MissingKind;
  out.values = line.substr(0, end);
  line.remove_prefix(end + 1);
  if (line.empty() || line.front() == '|') return Reject::EmptyKind;
  const auto kind = cut_kind(line);
  if (!kind) return Reject::UnknownKind;
  out.kind = *kind;
  out.fields = line;
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
  out.time = parse_unix_time(text, TimeUnit::Seconds);
  return out.time ? Fault{} : Reject::BadTime;
}

/// @rate, #tags, Tseconds and c:container in any order; others are noted.
Fault read_fields(Line& out) {
  for (std::string_view rest = out.fields; !rest.empty();) {
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

bool is_weighted(Kind kind) {
  return kind == Kind::Counter || kind == Kind::Timer;
}

/// Turns the values of a line into samples, written straight into the batch.
class Emitter {
 public:
  Emitter(const Line& line, SignedGauge signed_gauge, SampleBatch& batch)
      : line_(line), signed_gauge_(signed_gauge), batch_(batch) {}

  /// All values of the line or none: several are looked at before the first is given on.
  /// Adds the number of samples to `samples`.
  Fault emit(std::uint64_t& samples) {
    if (line_.values.empty()) return Reject::EmptyValue;
    if (line_.kind == Kind::Set) {
      next(0, line_.values);
      ++samples;
      return std::nullopt;
    }
    if (line_.has_many_values) return emit_many(samples);
    const Number number = parse_number(line_.values);
    if (const Fault fault = fault_of(number.is)) return fault;
    next(number.value, {}).change = change_of(line_.values.front());
    ++samples;
    return std::nullopt;
  }

 private:
  Fault emit_many(std::uint64_t& samples) {
    if (const Fault fault = check_all(line_.values)) return fault;
    for (std::string_view values = line_.values; !values.empty();) {
      const std::string_view value = cut_to(values, ':');
      if (value.empty()) continue;
      next(parse_number(value).value, {}).change = change_of(value.front());
      ++samples;
    }
    return std::nullopt;
  }

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

  model::Sample& next(double value, std::string_view member) {
    model::Sample& sample = batch_.next();
    sample.kind = line_.kind;
    sample.change = model::GaugeChange::Set;
    sample.key = line_.key;
    sample.value = value;
    sample.member = member;
    sample.rate = is_weighted(line_.kind) ? line_.rate : model::Rate{};
    sample.time = line_.time;
    return sample;
  }

  model::GaugeChange change_of(char first) const {
    const bool adds = line_.kind == Kind::Gauge && signed_gauge_ == SignedGauge::Delta &&
                      (first == '+' || first == '-');
    return adds ? model::GaugeChange::Add : model::GaugeChange::Set;
  }

  const Line& line_;
  SignedGauge signed_gauge_;
  SampleBatch& batch_;
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
  if (const Fault fault = Emitter{line, signed_gauge, batch}.emit(ledger.samples)) return fault;
  ++ledger.accepted;
  ledger.notes.unknown_field += line.unknown_fields;
  if (!is_weighted(line.kind) && line.rate.numerator != line.rate.denominator)
    ++ledger.notes.rate_ignored;
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
