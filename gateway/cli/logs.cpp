#include "gateway/cli/logs.h"

#include <array>
#include <string_view>
#include <utility>

namespace gateway::cli {
namespace {

using ingest::io::LogLevel;

LogLevel level_of(config::LogLevel level) {
  switch (level) {
    case config::LogLevel::Debug:
      return LogLevel::Debug;
    case config::LogLevel::Info:
      return LogLevel::Info;
    case config::LogLevel::Warn:
      return LogLevel::Warn;
    case config::LogLevel::Error:
      return LogLevel::Error;
  }
  return LogLevel::Info;
}

LogLevel level_of(std::string_view name) {
  constexpr std::array kNames{std::pair{"debug", LogLevel::Debug},
                              std::pair{"info", LogLevel::Info}, std::pair{"warn", LogLevel::Warn},
                              std::pair{"error", LogLevel::Error}};
  for (const auto& [known, level] : kNames)
    if (name == known) return level;
  return LogLevel::Info;
}

}  // namespace

ingest::io::LogLevels log_levels(const config::Config::Log& log) {
  ingest::io::LogLevels levels{.least = level_of(log.level)};
  for (const std::string& each : log.rooms) {
    const std::size_t equals = each.find('=');
    levels.rooms[each.substr(0, equals)] = level_of(std::string_view{each}.substr(equals + 1));
  }
  return levels;
}

ingest::io::Logger::Options log_options(const config::Config::Log& log) {
  return {.levels = log_levels(log),
          .format = log.format == config::LogFormat::Json ? ingest::io::LogFormat::Json
                                                          : ingest::io::LogFormat::Text};
}

}  // namespace gateway::cli
