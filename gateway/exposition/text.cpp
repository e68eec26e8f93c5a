#include "gateway/exposition/text.h"

#include <array>
#include <charconv>
#include <cmath>

namespace gateway::exposition {
namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Base units of Prometheus (https://prometheus.io/docs/practices/naming/#base-units).
constexpr std::array<std::string_view, 9> kUnits{
    "seconds", "bytes", "ratio", "celsius", "meters", "volts", "amperes", "joules", "grams"};

std::string legal(std::string_view name, char besides) {
  std::string out;
  out.reserve(name.size() + 1);
  if (!name.empty() && is_digit(name.front())) out += '_';
  for (const char c : name)
    out += is_letter(c) || is_digit(c) || c == besides ? c : '_';
  return out;
}

/// How many bytes of well-formed UTF-8 stand at the front (RFC 3629); 0: none.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xC0U) != 0x80) return 0;
  const bool is_long = (first == 0xE0 && byte(1) < 0xA0) || (first == 0xF0 && byte(1) < 0x90);
  const bool is_none = (first == 0xED && byte(1) > 0x9F) || (first == 0xF4 && byte(1) > 0x8F);
  return is_long || is_none ? 0 : length;
}

enum class Quotes : std::uint8_t { Plain, Escaped };

void append_escaped(std::string& out, std::string_view text, Quotes quotes) {
  while (!text.empty()) {
    const char c = text.front();
    std::size_t length = 1;
    if (c == '\\') {
      out += "\\\\";
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '"' && quotes == Quotes::Escaped) {
      out += "\\\"";
    } else if (length = utf8_length(text); length > 0) {
      out.append(text.substr(0, length));
    } else {
      out += "\xEF\xBF\xBD";
      length = 1;
    }
    text.remove_prefix(length);
  }
}

}  // namespace

std::string metric_name(std::string_view name) {
  return legal(name, ':');
}

std::string label_name(std::string_view name) {
  std::string out = legal(name, '_');
  if (out.empty() || out.starts_with("__")) out.insert(0, "tag");
  return out;
}

void append_quoted(std::string& out, std::string_view text) {
  append_escaped(out, text, Quotes::Escaped);
}

void append_help(std::string& out, std::string_view text, Format format) {
  append_escaped(out, text, format == Format::OpenMetrics ? Quotes::Escaped : Quotes::Plain);
}

void append_number(std::string& out, double number) {
  if (std::isnan(number)) {
    out += "NaN";
  } else if (std::isinf(number)) {
    out += number > 0 ? "+Inf" : "-Inf";
  } else {
    std::array<char, 32> text{};
    const auto written = std::to_chars(text.data(), text.data() + text.size(), number);
    out.append(text.data(), written.ptr);
  }
}

void append_bound(std::string& out, double bound, Format format) {
  const std::size_t begin = out.size();
  append_number(out, bound);
  const bool is_whole = out.find_first_of(".eIN", begin) == std::string::npos;
  if (is_whole && format == Format::OpenMetrics) out += ".0";
}

std::string_view unit_of(std::string_view name) {
  for (const std::string_view unit : kUnits) {
    if (name.size() > unit.size() + 1 && name.ends_with(unit) &&
        name[name.size() - unit.size() - 1] == '_')
      return unit;
  }
  return {};
}

std::string_view end_of(Format format) {
  return format == Format::OpenMetrics ? "# EOF\n" : "";
}

std::string_view content_type(Format format) {
  return format == Format::OpenMetrics
             ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
             : "text/plain; version=0.0.4; charset=utf-8";
}

}  // namespace gateway::exposition
