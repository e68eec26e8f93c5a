#pragma once
// Logs: the loggers of all rooms that log, of one output, as `log` of the configuration has them.
// Made by the wiring, outlives what logs.

#include "gateway/config/config.h"
#include "ingest/io/log.h"

namespace gateway::cli {

ingest::io::LogLevels log_levels(const config::Config::Log& log);
ingest::io::Logger::Options log_options(const config::Config::Log& log);

struct Logs {
  explicit Logs(const ingest::io::Logger& process)
      : access(process.room("access")),
        archive(process.room("archive")),
        boards(process.room("boards")),
        feed(process.room("feed")),
        server(process.room("server")) {}

  const ingest::io::Logger access;
  const ingest::io::Logger archive;
  const ingest::io::Logger boards;
  const ingest::io::Logger feed;
  const ingest::io::Logger server;
};

}  // namespace gateway::cli
