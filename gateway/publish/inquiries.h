#pragma once
// Inquiries: what one connection asks of the past: `range` commands, and the history that
// subscriptions begin with, and its lookups. A page is asked for when the one before it has left,
// so each of them holds a page at most. Part of a connection's Subscriptions, on its worker's
// thread; it knows no cursor.
//
//   Awaited (history: its state has not come) -> Asked -> Told (a page waits) -> Asked ... -> Idle

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gateway/publish/frame.h"
#include "gateway/publish/lookups.h"
#include "gateway/publish/mail.h"
#include "ingest/base/clock.h"
#include "ingest/query/bounds.h"
#include "ingest/query/fault.h"
#include "ingest/query/past.h"
#include "ingest/query/query.h"

namespace gateway::publish {

class Inquiries {
 public:
  /// `range` commands of a connection at once.
  static constexpr std::size_t kRangesMax = 8;

  explicit Inquiries(Subscriber who) : who_(who), lookups_(who) {}

  /// Whose questions they are from now on.
  void see(ingest::query::Bounds bounds, std::string party) {
    bounds_ = std::move(bounds);
    party_ = std::move(party);
  }
  /// What it asks of what there is, besides.
  Lookups& lookups() { return lookups_; }
  bool has(std::uint64_t id) const;
  std::size_t ranges() const;
  /// Of all of them, lookups too.
  std::vector<std::uint64_t> ids() const;

  /// `range`.
  void ask(std::uint64_t id, ingest::query::RangeAsk ask, std::vector<ToHub>& to_hub);
  /// Subscription `id` wants `history` of its query before its state.
  void await(std::uint64_t id, const ingest::query::Query& query, ingest::Millis history);
  /// That subscription reads `ch` from now on.
  void moved(std::uint64_t id, ChannelId ch);
  /// A state of the channel waits: history is asked for up to it, so that there is no hole between.
  /// Who gets all that it missed needs none.
  void joined(const Join& join, std::vector<ToHub>& to_hub);
  /// Frames of the channel have to wait for history.
  bool holds(ChannelId ch) const;
  /// History of the channel that is told up to its state is done.
  void finish(ChannelId ch);

  /// What the hub refused. The inquiry is over.
  struct Refused {
    std::uint64_t id = 0;
    ingest::query::Fault fault;
  };
  std::optional<Refused> answered(const Answered& answered);

  /// Appends pages that wait, until `out` holds `frames_max`.
  void due(std::vector<FramePtr>& out, std::size_t frames_max) const;
  /// The first pages that due() gave have left, `frames` at most; how many those were.
  std::size_t sent(std::size_t frames, std::vector<ToHub>& to_hub);

  /// Nobody waits for it any more.
  void drop(std::uint64_t id, std::vector<ToHub>& to_hub);
  void drop_all(std::vector<ToHub>& to_hub);

 private:
  enum class State : std::uint8_t { Awaited, Asked, Told, Idle };
  struct Fill {
    ingest::Millis history{0};
    ChannelId ch = 0;  // 0 until `subd`
    ingest::WallTime until;
  };
  struct Inquiry {
    std::uint64_t id = 0;
    ingest::query::RangeAsk ask;  // the page that is asked for, or the next one
    State state = State::Awaited;
    std::uint32_t ticket = 0;
    FramePtr page;
    std::optional<Fill> fill;  // of a subscription
  };
  void post(Inquiry& inquiry, std::vector<ToHub>& to_hub);
  void go_on(Inquiry& inquiry, std::vector<ToHub>& to_hub);
  void fill_up_to(Inquiry& inquiry, ingest::WallTime until, std::vector<ToHub>& to_hub);

  Subscriber who_;
  ingest::query::Bounds bounds_;
  std::string party_;  // as Ask::party
  Lookups lookups_;
  std::uint32_t tickets_ = 0;
  std::vector<Inquiry> inquiries_;
};

}  // namespace gateway::publish
