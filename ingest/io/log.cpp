#include "ingest/io/log.h"

#include <unistd.h>

#include <algorithm>
#include <array>

namespace ingest::io {
namespace {

constexpr std::array<std::string_view, 4> kLevelNames{"debug", "info", "warn", "error"};

bool is_plain(unsigned char byte) {
  return byte > 0x20 && byte != 0x7f && byte != '"' && byte != '=' && byte != '\\';
}

void append_escaped(std::string& line, unsigned char byte) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  switch (byte) {
    case '"':
      line += "\\\"";
      return;
    case '\\':
      line += "\\\\";
      return;
    case '\n':
      line += "\\n";
      return;
    case '\r':
      line += "\\r";
      return;
    case '\t':
      line += "\\t";
      return;
    default:
      break;
  }
  if (byte >= 0x20 && byte != 0x7f) {
    line += static_cast<char>(byte);
    return;
  }
  line += "\\x";
  line += kDigits[byte >> 4];
  line += kDigits[byte & 15];
}

void append_value(std::string& line, std::string_view value) {
  const bool plain = !value.empty() && std::all_of(value.begin(), value.end(), [](char c) {
    return is_plain(static_cast<unsigned char>(c));
  });
  if (plain) {
    line += value;
    return;
  }
  line += '"';
  for (const char c : value)
    append_escaped(line, static_cast<unsigned char>(c));
  line += '"';
}

}  // namespace

std::string log_line(std::string_view event, std::initializer_list<LogField> fields) {
  std::string line{"event="};
  append_value(line, event);
  for (const LogField& field : fields) {
    line += ' ';
    line += field.key;
    line += '=';
    append_value(line, field.value);
  }
  return line;
}

void Logger::debug(std::string_view event, std::initializer_list<LogField> fields) const {
  write(LogLevel::Debug, event, fields);
}
void Logger::info(std::string_view event, std::initializer_list<LogField> fields) const {
  write(LogLevel::Info, event, fields);
}
void Logger::warn(std::string_view event, std::initializer_list<LogField> fields) const {
  write(LogLevel::Warn, event, fields);
}
void Logger::error(std::string_view event, std::initializer_list<LogField> fields) const {
  write(LogLevel::Error, event, fields);
}

void Logger::write(LogLevel level, std::string_view event,
                   std::initializer_list<LogField> fields) const {
  if (level < least_) return;
  std::string line{"level="};
  line += kLevelNames[static_cast<std::size_t>(level)];
  line += ' ';
  line += log_line(event, fields);
  line += '\n';
  // A log that cannot be written (a closed pipe) must not stop the work it speaks of.
  [[maybe_unused]] const ssize_t written = ::write(fd_, line.data(), line.size());
}

}  // namespace ingest::io
