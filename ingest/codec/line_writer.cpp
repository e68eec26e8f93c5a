#include "ingest/codec/line_writer.h"

#include <array>
#include <cctype>
#include <string>

#include "ingest/codec/number.h"
#include "ingest/codec/utf8.h"

namespace ingest::codec {
namespace {

using Written = Result<void, std::string>;
using Tag = Reading::Tag;
using model::Kind;

/// Below, the size of a number no longer says that it counts milliseconds or nanoseconds
/// (unix_time.h, TimeUnit::Auto).
constexpr std::int64_t kLeastPlainMs = 100'000'000'000;

std::string_view label(Format format) {
  switch (format) {
    case Format::Statsd:
      return "StatsD";
    case Format::Influx:
      return "Influx line protocol";
    case Format::Graphite:
      return "Graphite";
    case Format::Json:
      return "JSON";
  }
  return "";
}

/// What a person typed, safe to print and not too long.
std::string quoted(std::string_view text) {
  constexpr std::size_t kShown = 60;
  std::string shown{"\""};
  for (const char c : text.substr(0, kShown))
    shown.push_back(std::iscntrl(static_cast<unsigned char>(c)) != 0 ? '?' : c);
  return shown.append(text.size() > kShown ? "...\"" : "\"");
}

/// A text of the reading: what it is, and what it says.
struct Part {
  std::string_view what;  // "the name"
  std::string_view text;
};

Failure<std::string> cannot(Format format, const Part& part, std::string_view why) {
  std::string text{part.what};
  text.append(" ").append(quoted(part.text)).append(" cannot be written in ");
  return {text.append(label(format)).append(": ").append(why)};
}

Written check_size(const Part& part, std::size_t bytes_max) {
  std::string text{part.what};
  text.append(" ").append(quoted(part.text));
  if (part.text.size() > bytes_max)
    return Failure{text.append(" is longer than " + std::to_string(bytes_max) + " bytes")};
  if (!is_utf8_without_nul(part.text)) return Failure{text.append(" is no UTF-8")};
  return {};
}

/// None of `forbidden` may stand in it.
Written check_characters(Format format, const Part& part, std::string_view forbidden) {
  const std::size_t at = part.text.find_first_of(forbidden);
  if (at == std::string_view::npos) return {};
  const char c = part.text[at];
  std::string why = c == '\n' || c == '\r'  ? "a line end"
                    : c == ' ' || c == '\t' ? "a blank"
                                            : std::string{"\""} + c + "\"";
  return cannot(format, part, why + " has a meaning of its own there");
}

/// Digit for digit, in the form that all formats read: no plus, no bare point, no leading zeros.
/// `text` is a number.
std::string plain_number(std::string_view text) {
  std::string plain;
  if (text.front() == '-') plain.push_back('-');
  if (text.front() == '-' || text.front() == '+') text.remove_prefix(1);
  const std::string_view mantissa = text.substr(0, text.find_first_of("eE"));
  const std::string_view exponent = text.substr(mantissa.size());
  std::string_view whole = mantissa.substr(0, mantissa.find('.'));
  const std::string_view fraction = mantissa.substr(std::min(whole.size() + 1, mantissa.size()));
  while (whole.size() > 1 && whole.front() == '0')
    whole.remove_prefix(1);
  plain.append(whole.empty() ? "0" : whole);
  if (!fraction.empty()) plain.append(".").append(fraction);
  return plain.append(exponent);
}

Written check_value(const Reading& reading) {
  if (reading.kind == Kind::Set) {
    if (reading.value.empty()) return Failure{std::string{"a set needs a member"}};
    return check_size({"the member", reading.value}, kLineBytesMax);
  }
  const Number number = parse_number(reading.value);
  if (number.is == Number::Is::Bad)
    return Failure{"the value " + quoted(reading.value) + " is no number, as 12.5 is"};
  if (number.is == Number::Is::NotFinite)
    return Failure{"the value " + quoted(reading.value) + " is no finite number"};
  return {};
}

Written check_rate(const Reading& reading) {
  if (reading.rate.empty()) return {};
  if (!parse_rate(reading.rate))
    return Failure{"the rate " + quoted(reading.rate) + " is none: above 0, at most 1, as 0.1"};
  if (reading.kind != Kind::Counter && reading.kind != Kind::Timer)
    return Failure{std::string{"a rate is for counters and timers, not for a "}.append(
        kind_name(reading.kind))};
  return {};
}

/// What holds in every format.
Written check(const Reading& reading) {
  if (reading.name.empty()) return Failure{std::string{"a name is missing"}};
  TRY(check_size({"the name", reading.name}, model::kNameBytesMax));
  if (reading.tags.size() > model::kTagsMax)
    return Failure{"more than " + std::to_string(model::kTagsMax) + " tags"};
  for (const Tag& tag : reading.tags) {
    if (tag.key.empty()) return Failure{"a tag needs a key before " + quoted("=" + tag.value)};
    TRY(check_size({"the tag", tag.key}, model::kTagKeyBytesMax));
    TRY(check_size({"the value of tag " + tag.key, tag.value}, model::kTagValueBytesMax));
  }
  if (reading.change == model::GaugeChange::Add && reading.kind != Kind::Gauge)
    return Failure{std::string{"only a gauge can be changed by a value"}};
  TRY(check_value(reading));
  return check_rate(reading);
}

/// Influx line protocol and Graphite have no kinds: Weir reads all of it as gauges.
Written check_gauge(Format format, const Reading& reading) {
  if (reading.kind != Kind::Gauge)
    return Failure{std::string{label(format)}
                       .append(" knows gauges alone, not a ")
                       .append(kind_name(reading.kind))
                       .append("; send it as statsd or json")};
  if (reading.change == model::GaugeChange::Add)
    return Failure{std::string{label(format)}.append(
        " cannot say that a gauge changes by a value; send it as statsd")};
  return {};
}

Written check_plain_time(Format format, const Reading& reading) {
  if (!reading.time || to_ms(*reading.time) >= kLeastPlainMs) return {};
  return Failure{std::string{"a time before 1973 cannot be written in "}.append(label(format))};
}

/// 1700000000, or 1700000000.123.
std::string seconds_text(WallTime time) {
  constexpr std::int64_t kMillis = 1'000;
  const std::int64_t ms = to_ms(time);
  std::string text = std::to_string(ms / kMillis);
  if (ms % kMillis == 0) return text;
  const std::string fraction = std::to_string(ms % kMillis);
  return text.append(".").append(3 - fraction.size(), '0').append(fraction);
}

// ---- StatsD: name:value|kind|@rate|#key:value,key|T1700000000 ----

/// With its sign where the gauge changes, without one where it is set.
Result<std::string, std::string> statsd_value(const Reading& reading) {
  if (reading.kind == Kind::Set) {
    TRY(check_characters(Format::Statsd, {"the member", reading.value}, "|\n\r"));
    return reading.value;
  }
  std::string number = plain_number(reading.value);
  if (reading.kind != Kind::Gauge) return number;
  if (reading.change == model::GaugeChange::Add)
    return number.front() == '-' ? number : "+" + number;
  if (number.front() == '-')
    return cannot(Format::Statsd, {"the value", reading.value},
                  "a gauge with a sign changes by so much there; send it as json, or mean a "
                  "change");
  return number;
}

std::string_view statsd_kind(Kind kind) {
  switch (kind) {
    case Kind::Counter:
      return "c";
    case Kind::Gauge:
      return "g";
    case Kind::Timer:
      return "ms";
    case Kind::Set:
      return "s";
  }
  return "";
}

Written write_statsd(const Reading& reading, std::string& line) {
  const Part name{"the name", reading.name};
  TRY(check_characters(Format::Statsd, name, ":|,#[\n\r"));
  if (reading.name.starts_with("_e{")) return cannot(Format::Statsd, name, "events begin so");
  line.append(reading.name).append(":").append(TRY(statsd_value(reading)));
  line.append("|").append(statsd_kind(reading.kind));
  if (!reading.rate.empty()) line.append("|@").append(plain_number(reading.rate));
  std::string_view before = "|#";
  for (const Tag& tag : reading.tags) {
    TRY(check_characters(Format::Statsd, {"the tag", tag.key}, ":,|\n\r"));
    TRY(check_characters(Format::Statsd, {"the value of tag " + tag.key, tag.value}, ",|\n\r"));
    line.append(before).append(tag.key);
    if (!tag.value.empty()) line.append(":").append(tag.value);
    before = ",";
  }
  if (reading.time) line.append("|T").append(seconds_text(*reading.time));
  return {};
}

// ---- Graphite: name;key=value;key=value value 1700000000 ----

Written write_graphite(const Reading& reading, std::string& line) {
  TRY(check_gauge(Format::Graphite, reading));
  TRY(check_characters(Format::Graphite, {"the name", reading.name}, "; \t\n\r"));
  line.append(reading.name);
  for (const Tag& tag : reading.tags) {
    const std::string what = "the value of tag " + tag.key;
    TRY(check_characters(Format::Graphite, {"the tag", tag.key}, "=; \t\n\r"));
    TRY(check_characters(Format::Graphite, {what, tag.value}, "; \t\n\r"));
    if (tag.value.empty()) return cannot(Format::Graphite, {what, ""}, "it may not be empty");
    line.append(";").append(tag.key).append("=").append(tag.value);
  }
  line.append(" ").append(plain_number(reading.value)).append(" ");
  line.append(reading.time ? seconds_text(*reading.time) : "-1");
  return {};
}

// ---- Influx line protocol: name,key=value field=value 1700000000000000000 ----

Written append_escaped(const Part& part, std::string_view escaped, std::string& line) {
  TRY(check_characters(Format::Influx, part, "\n\r"));
  if (part.text.empty()) return cannot(Format::Influx, part, "it may not be empty");
  if (part.text.back() == '\\')
    return cannot(Format::Influx, part, "a backslash at its end would escape what follows");
  for (const char c : part.text) {
    if (escaped.find(c) != std::string_view::npos) line.push_back('\\');
    line.push_back(c);
  }
  return {};
}

Written write_influx(const Reading& reading, std::string& line) {
  constexpr std::string_view kInName = ", ";
  constexpr std::string_view kInTags = ",= ";
  constexpr std::string_view kField = "value";
  TRY(check_gauge(Format::Influx, reading));
  TRY(check_plain_time(Format::Influx, reading));
  const std::string_view whole = reading.name;
  const std::size_t dot = whole.rfind('.');
  const bool has_field = dot != std::string_view::npos;
  if (whole.front() == '#') return cannot(Format::Influx, {"the name", whole}, "comments begin so");
  if (!has_field && whole.size() + 1 + kField.size() > model::kNameBytesMax)
    return cannot(Format::Influx, {"the name", whole}, "with .value it is too long");
  TRY(append_escaped({"the name", whole.substr(0, dot)}, kInName, line));
  for (const Tag& tag : reading.tags) {
    line.push_back(',');
    TRY(append_escaped({"the tag", tag.key}, kInTags, line));
    line.push_back('=');
    TRY(append_escaped({"the value of tag " + tag.key, tag.value}, kInTags, line));
  }
  line.push_back(' ');
  const std::string_view field = has_field ? whole.substr(dot + 1) : kField;
  TRY(append_escaped({"the field", field}, kInTags, line));
  line.append("=").append(plain_number(reading.value));
  if (reading.time) line.append(" ").append(std::to_string(to_ms(*reading.time))).append("000000");
  return {};
}

// ---- JSON lines ----

void append_json(std::string_view text, std::string& line) {
  constexpr std::string_view kHex = "0123456789abcdef";
  line.push_back('"');
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < ' ') {
      line.append("\\u00").append(1, kHex[byte >> 4U]).append(1, kHex[byte & 15U]);
      continue;
    }
    if (c == '"' || c == '\\') line.push_back('\\');
    line.push_back(c);
  }
  line.push_back('"');
}

Written write_json(const Reading& reading, std::string& line) {
  if (reading.change == model::GaugeChange::Add)
    return Failure{
        std::string{"JSON cannot say that a gauge changes by a value; send it as statsd"}};
  TRY(check_plain_time(Format::Json, reading));
  line.append("{\"name\":");
  append_json(reading.name, line);
  line.append(",\"kind\":\"").append(kind_name(reading.kind)).append("\",\"value\":");
  if (reading.kind == Kind::Set) {
    append_json(reading.value, line);
  } else {
    line.append(plain_number(reading.value));
  }
  std::string_view before = ",\"tags\":{";
  for (const Tag& tag : reading.tags) {
    line.append(before);
    append_json(tag.key, line);
    line.push_back(':');
    append_json(tag.value, line);
    before = ",";
  }
  if (!reading.tags.empty()) line.push_back('}');
  if (!reading.rate.empty()) line.append(",\"rate\":").append(plain_number(reading.rate));
  if (reading.time) line.append(",\"ts\":").append(std::to_string(to_ms(*reading.time)));
  line.push_back('}');
  return {};
}

Written write_as(Format format, const Reading& reading, std::string& line) {
  switch (format) {
    case Format::Statsd:
      return write_statsd(reading, line);
    case Format::Influx:
      return write_influx(reading, line);
    case Format::Graphite:
      return write_graphite(reading, line);
    case Format::Json:
      return write_json(reading, line);
  }
  return {};
}

}  // namespace

Written write_line(Format format, const Reading& reading, std::string& out) {
  TRY(check(reading));
  std::string line;
  TRY(write_as(format, reading, line));
  if (line.size() > kLineBytesMax)
    return Failure{"the line is longer than " + std::to_string(kLineBytesMax) + " bytes"};
  out.append(line).append("\n");
  return {};
}

}  // namespace ingest::codec
