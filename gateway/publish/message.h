#pragma once
// Control messages to the client: JSON texts with whole words (DESIGN section 6). The hot ones,
// `snap` and `u`, are in update_json. Stateless; called on the hub's thread and on the workers'.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/publish/mail.h"
#include "ingest/base/clock.h"
#include "ingest/query/fault.h"
#include "ingest/query/query.h"

namespace gateway::publish {

struct Welcome {
  std::string_view epoch;
  std::string_view session;
  ingest::WallTime now;
  std::span<const ingest::Millis> rates;
  std::size_t subs_max = 0;
  std::size_t message_bytes_max = 0;
};
/// {"t":"welcome","v":1,"epoch":"01JDX8Q3","session":"c9f2a1","now":1764000000123,
///  "rates":[250,...],"limits":{"subs":64,"message":65536}}
std::string welcome_text(const Welcome& welcome);

/// Why a subscription begins with a snapshot, or Replay when it goes on where `from` stood.
enum class Start : std::uint8_t {
  New,
  Replay,
  EpochChanged,
  TooOld,
  QueryChanged,
  RateChanged,
  Slow
};
/// "new", "epoch_changed", ...; "resumed" for Replay.
std::string_view start_name(Start start);

struct Subd {
  std::uint64_t id = 0;
  ChannelId ch = 0;
  std::string_view epoch;
  Start start = Start::New;
  ingest::Millis rate{0};  // the tier, not the wish
  const ingest::query::Query& query;
};
/// {"t":"subd","id":1,"ch":17,"epoch":"01JDX8Q3","mode":"snapshot","why":"new","rate":1000,
///  "window":10000,"slide":1000,"fields":["count","p99"],"by":["route"]}
std::string subd_text(const Subd& subd);

struct Gap {
  ChannelId ch = 0;
  Sequence from = 0;
  Sequence to = 0;
};
/// {"t":"gap","ch":17,"from":48215,"to":48231,"why":"slow","next":"snap"}
std::string gap_text(const Gap& gap);

/// {"t":"err","id":3,"code":"query.bad_matcher","n":2003,"msg":"...","retry":false}
std::string err_text(std::optional<std::uint64_t> id, const ingest::query::Fault& fault);

/// {"t":"unsubd","id":1}, with "code" when the server ended it.
std::string unsubd_text(std::uint64_t id, std::optional<ingest::query::Code> code = {});

inline constexpr std::string_view kWhyAsked = "asked";
inline constexpr std::string_view kWhyUnseen = "unseen";
/// {"t":"paused","id":1,"why":"asked"}
std::string paused_text(std::uint64_t id, std::string_view why);

/// {"t":"meta","id":10,"what":"metrics",<members>}
std::string meta_text(std::uint64_t id, std::string_view what, std::string_view members);

/// {"t":"expiring","in":60000}: the token ends then.
std::string expiring_text(ingest::Millis in);

/// {"t":"hb","now":1764000010123}
std::string hb_text(ingest::WallTime now);

/// {"t":"pong","n":7}
std::string pong_text(std::int64_t n);

/// {"t":"bye","why":"drain","after":[250,8000]}: reconnect after a random wait in this range.
std::string bye_text(std::string_view why, ingest::Millis after_min, ingest::Millis after_max);

}  // namespace gateway::publish
