#pragma once
// Logger: one line an event, for what a person would act on: `level=warn event=buffer_clamped
// wanted=8388608`. What can happen per packet is a counter, never a line; an event that comes again
// and again is told now and then, with how often it was held back. Handed around by reference,
// there is no global one; each room has its own, of one output. Any thread: a line is one write(),
// so lines of threads do not mix.

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "ingest/base/clock.h"

namespace ingest::io {

enum class LogLevel : std::uint8_t { Debug, Info, Warn, Error };
enum class LogFormat : std::uint8_t { Text, Json };

/// key=value. The key is a plain word of ours.
struct LogField {
  LogField(std::string_view name, std::string_view text) : key(name), value(text) {}
  template <std::integral N>
  LogField(std::string_view name, N number)
      : key(name), value(std::to_string(number)), is_number(true) {}
  std::string_view key;
  std::string value;
  bool is_number = false;
};

/// `event=x key=value key="quoted value"` without a line end. A value that is empty or holds
/// spaces, quotes, `=`, backslashes or control bytes is quoted, with \" \\ \n \r \t and \xHH
/// inside, so a line is always one line.
std::string log_line(std::string_view event, std::initializer_list<LogField> fields);

/// The lines of what level are told: of each room its own, where it has one.
struct LogLevels {
  LogLevel least = LogLevel::Info;
  std::map<std::string, LogLevel, std::less<>> rooms{};
};

class Logger {
 public:
  struct Options {
    LogLevels levels{};
    LogFormat format = LogFormat::Text;  // Json: an object a line, with its time
    int fd = 2;                          // not owned; 2 is stderr
    const Clock* clock = nullptr;        // outlives the logger; null: the kernel's
  };
  explicit Logger(const Options& options);
  /// Text of events of `least` and above.
  explicit Logger(LogLevel least = LogLevel::Info, int fd = 2);
  Logger(const Logger&) = delete;
  Logger& operator=(const Logger&) = delete;
  ~Logger();

  /// The same output for a room, whose name is a plain word: its lines say `room=NAME`.
  Logger room(std::string name) const;
  /// For all rooms of the output, from now on.
  void set(const LogLevels& levels) const;

  void debug(std::string_view event, std::initializer_list<LogField> fields) const;
  void info(std::string_view event, std::initializer_list<LogField> fields) const;
  void warn(std::string_view event, std::initializer_list<LogField> fields) const;
  void error(std::string_view event, std::initializer_list<LogField> fields) const;

 private:
  class Output;
  Logger(std::shared_ptr<Output> output, std::string room);

  std::shared_ptr<Output> output_;
  std::string room_;  // empty: the process as a whole
};

}  // namespace ingest::io
