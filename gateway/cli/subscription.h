#pragma once
// Subscription: what `weir tail` and `weir query` ask for, from the words of the command line, and
// the messages that ask it. Pure. Which stats, operators and durations there are is the server's to
// say.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/cli/live_table.h"
#include "ingest/base/result.h"

namespace gateway::cli {

struct Subscription {
  static constexpr std::uint64_t kId = 1;

  std::string metric;
  std::vector<std::string> stats;  // empty: the server's own choice
  std::vector<std::string> by;
  std::vector<std::string> where;  // of parse_where()
  std::string window;              // the rest: empty where the server shall choose
  std::string slide;
  std::string rate;
  // Of `weir query` alone:
  std::vector<std::string> without{};
  std::vector<std::pair<std::string, std::string>> derive{};  // names and expressions
  bool err = false;
  std::string order{};
  std::uint64_t limit = 0;  // 0: all
};

/// `region=eu`, `env!=test`, `host=~web-[0-9]+`, `host!~db.*`, `env in prod,stage`, `canary exists`
/// or the matcher itself (`["env","=","a,b"]`), as the matcher in JSON. The error is a sentence
/// that says how it is written.
ingest::Result<std::string, std::string> parse_where(std::string_view text);

/// The query alone, as JSON.
std::string query_text(const Subscription& wanted);

/// `hello` with the subscription in it; from where the reader stands, if it stands somewhere.
std::string hello_text(const Subscription& wanted, std::string_view version,
                       const std::optional<LiveTable::Position>& from);

/// What a person gives as URL: http:// and https:// are ws:// and wss://, a bare host:port is
/// ws://, and without a path it is /v1/ws.
std::string websocket_url(std::string_view text);

}  // namespace gateway::cli
