#include "ingest/io/log.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <mutex>
#include <nlohmann/json.hpp>
#include <utility>

#include "ingest/io/log_repeats.h"
#include "ingest/io/real_clock.h"

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

/// RFC 3339, in UTC.
std::string time_text(WallTime time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const std::time_t whole = std::chrono::system_clock::to_time_t(seconds);
  std::tm parts{};
  ::gmtime_r(&whole, &parts);
  std::array<char, 32> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::string fraction = std::to_string(1'000 + (time - seconds).count());
  fraction.front() = '.';
  return std::string{text.data(), size} + fraction + "Z";
}

struct Line {
  LogLevel level;
  std::string_view room;
  std::string_view event;
  std::initializer_list<LogField> fields;
  std::uint64_t held_back = 0;
};

std::string_view level_name(LogLevel level) {
  return kLevelNames[static_cast<std::size_t>(level)];
}

std::string text_of(const Line& line) {
  std::string text{"level="};
  text += level_name(line.level);
  if (!line.room.empty()) text += " room=" + std::string{line.room};
  text += ' ' + log_line(line.event, line.fields);
  if (line.held_back > 0) text += " held_back=" + std::to_string(line.held_back);
  return text + '\n';
}

std::string json_of(const Line& line, WallTime now) {
  using Json = nlohmann::ordered_json;
  Json object{{"time", time_text(now)}, {"level", level_name(line.level)}};
  if (!line.room.empty()) object["room"] = line.room;
  object["event"] = line.event;
  for (const LogField& field : line.fields)
    object[std::string{field.key}] =
        field.is_number ? Json::parse(field.value, nullptr, false) : Json(field.value);
  if (line.held_back > 0) object["held_back"] = line.held_back;
  return object.dump(-1, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace

/// Where the lines of all rooms go.
class Logger::Output {
 public:
  explicit Output(const Options& options) : options_(options) {}

  void set(const LogLevels& levels) {
    const std::lock_guard lock{mutex_};
    options_.levels = levels;
  }

  void write(Line line) {
    std::string text;
    {
      const std::lock_guard lock{mutex_};
      if (line.level < least_of(line.room)) return;
      const Clock& clock = options_.clock != nullptr ? *options_.clock : kernel_;
      const auto held_back = repeats_.take(line.event, clock.mono());
      if (!held_back) return;
      line.held_back = *held_back;
      text = options_.format == LogFormat::Json ? json_of(line, clock.wall()) : text_of(line);
    }
    // A log that cannot be written (a closed pipe) must not stop the work it speaks of.
    [[maybe_unused]] const ssize_t written = ::write(options_.fd, text.data(), text.size());
  }

 private:
  LogLevel least_of(std::string_view room) const {
    const auto own = options_.levels.rooms.find(room);
    return own == options_.levels.rooms.end() ? options_.levels.least : own->second;
  }

  std::mutex mutex_;
  Options options_;  // fd and format stay
  LogRepeats repeats_;
  const RealClock kernel_{};
};

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

Logger::Logger(const Options& options) : output_(std::make_shared<Output>(options)) {}
Logger::Logger(LogLevel least, int fd) : Logger(Options{.levels = {.least = least}, .fd = fd}) {}
Logger::Logger(std::shared_ptr<Output> output, std::string room)
    : output_(std::move(output)), room_(std::move(room)) {}
Logger::~Logger() = default;

Logger Logger::room(std::string name) const {
  return Logger{output_, std::move(name)};
}

void Logger::set(const LogLevels& levels) const {
  output_->set(levels);
}

void Logger::debug(std::string_view event, std::initializer_list<LogField> fields) const {
  output_->write({LogLevel::Debug, room_, event, fields});
}
void Logger::info(std::string_view event, std::initializer_list<LogField> fields) const {
  output_->write({LogLevel::Info, room_, event, fields});
}
void Logger::warn(std::string_view event, std::initializer_list<LogField> fields) const {
  output_->write({LogLevel::Warn, room_, event, fields});
}
void Logger::error(std::string_view event, std::initializer_list<LogField> fields) const {
  output_->write({LogLevel::Error, room_, event, fields});
}

}  // namespace ingest::io
