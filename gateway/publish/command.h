#pragma once
// Command: what a client says, read from one text message (DESIGN section 6). Parsing gives a value
// that cannot be invalid, or the refusal to send back. Knows nothing of connections. Runs on the
// worker's thread that owns the connection.
//
//   {"t":"sub","id":1,"q":{"metric":"http.request.*","by":["route"]},"rate":"1s"}

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "gateway/publish/catalogue_json.h"
#include "gateway/publish/mail.h"
#include "ingest/base/clock.h"
#include "ingest/base/result.h"
#include "ingest/query/discovery.h"
#include "ingest/query/fault.h"
#include "ingest/query/past.h"
#include "ingest/query/query.h"

namespace gateway::publish {

/// What is wrong with a command, and with which subscription when it named one.
struct Refusal {
  std::optional<std::uint64_t> id;
  ingest::query::Fault fault;
};

struct Sub {
  std::uint64_t id = 0;
  ingest::query::Query query;
  ingest::Millis rate{1'000};
  std::optional<ResumePoint> from;
  std::optional<ingest::Millis> history;  // how much of the past first
};
/// One bad body leaves the others alone.
using SubBodies = std::vector<std::variant<Sub, Refusal>>;
struct Hello {
  std::string sdk;
  std::string token;
  SubBodies subs;
};
/// At least one of the two is there.
struct Mod {
  enum class Pause : std::uint8_t { No, Yes };
  std::uint64_t id = 0;
  std::optional<ingest::Millis> rate;
  std::optional<Pause> pause;
};
struct Unsub {
  std::uint64_t id = 0;
};
struct Seen {
  std::vector<std::pair<ChannelId, Sequence>> at;
};
struct Auth {
  std::string token;
};
struct Ping {
  std::int64_t n = 0;
};
struct Range {
  std::uint64_t id = 0;
  ingest::query::RangeAsk ask;          // but for its end
  std::optional<ingest::WallTime> end;  // none: now
};
using MetaWhat = std::variant<CatalogueList, CatalogueTags, ingest::query::SeriesAsk>;
struct Meta {
  std::uint64_t id = 0;
  MetaWhat what;
};
using Command = std::variant<Hello, Sub, Mod, Unsub, Seen, Ping, Range, Meta, Auth>;

struct CommandLimits {
  ingest::query::QueryLimits query;
  std::size_t text_bytes_max = std::size_t{64} * 1024;
  std::size_t subs_max = 200;  // of one connection, and so of one hello
  std::size_t depth_max = 16;  // nested arrays and objects
  std::size_t token_bytes_max = std::size_t{8} * 1024;
};

/// The largest `id` and `n`: what a JavaScript number holds exactly.
inline constexpr std::int64_t kNumberMax = (std::int64_t{1} << 53) - 1;
/// Pairs in one `seen`; further ones are ignored.
inline constexpr std::size_t kSeenMax = 1'024;

/// Reads one text message. Unknown fields are ignored. Refusals: bad JSON 2001, more bytes than
/// allowed 3004, an unknown type 6001, a missing field or one of the wrong type 6004, a version
/// other than 1 6003, and what parse_query refuses.
ingest::Result<Command, Refusal> parse_command(std::string_view text, const CommandLimits& limits);

}  // namespace gateway::publish
