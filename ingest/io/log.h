#pragma once
// Logger: one line an event, for what a person would act on: `level=warn event=buffer_clamped
// wanted=8388608`. What can happen per packet is a counter, never a line. Handed around by
// reference, there is no global one. Any thread: a line is one write(), so lines of threads do not
// mix.

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace ingest::io {

enum class LogLevel : std::uint8_t { Debug, Info, Warn, Error };

/// key=value. The key is a plain word of ours.
struct LogField {
  LogField(std::string_view name, std::string_view text) : key(name), value(text) {}
  template <std::integral N>
  LogField(std::string_view name, N number) : key(name), value(std::to_string(number)) {}
  std::string_view key;
  std::string value;
};

/// `event=x key=value key="quoted value"` without a line end. A value that is empty or holds
/// spaces, quotes, `=`, backslashes or control bytes is quoted, with \" \\ \n \r \t and \xHH
/// inside, so a line is always one line.
std::string log_line(std::string_view event, std::initializer_list<LogField> fields);

class Logger {
 public:
  /// Writes events of `least` and above to `fd`, which it does not own (2 is stderr).
  explicit Logger(LogLevel least = LogLevel::Info, int fd = 2) : least_(least), fd_(fd) {}
  Logger(const Logger&) = delete;
  Logger& operator=(const Logger&) = delete;
  ~Logger() = default;

  void debug(std::string_view event, std::initializer_list<LogField> fields) const;
  void info(std::string_view event, std::initializer_list<LogField> fields) const;
  void warn(std::string_view event, std::initializer_list<LogField> fields) const;
  void error(std::string_view event, std::initializer_list<LogField> fields) const;

 private:
  void write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) const;
  LogLevel least_;
  int fd_;
};

}  // namespace ingest::io
