#pragma once
// Questions: what workers ask once and somebody answers later, in any order: the hub's end. It
// knows who asked, not what a question means. Owned by the publisher; hub's thread only.
//
//   Ask -> Past::ask() ... done -> Answered
//   Forget -> Past::drop()
//
// A crowd that comes back after a restart asks for its history all at once: of the past only some
// are asked at a time, the others stand in line. Of one party (mail.h) only a part of those,
// however many it has in line: who asks for little waits for nobody's long ones.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <tuple>

#include "gateway/publish/boards.h"
#include "gateway/publish/mail.h"
#include "gateway/publish/refusals.h"
#include "gateway/publish/scrapes.h"
#include "ingest/query/discovery.h"
#include "ingest/query/durability.h"
#include "ingest/query/past.h"

namespace gateway::publish {

class Questions {
 public:
  /// Of the past at once: fewer than it takes, so that it refuses nobody who stands in line here.
  static constexpr std::size_t kPosedMax = 12;
  static constexpr std::size_t kPosedOfOneMax = 3;
  /// That stand in line; one more is ServerOverloaded.
  static constexpr std::size_t kLineMax = 4'096;
  static constexpr std::size_t kLineOfOneMax = 1'024;

  /// The outlet outlives it.
  explicit Questions(Outlet& outlet) : outlet_(outlet) {}
  Questions(const Questions&) = delete;
  Questions& operator=(const Questions&) = delete;
  ~Questions();

  /// Who knows the past; outlives it. Without one every question about it gets HistoryUnavailable.
  void ask_of(ingest::query::Past& past) { past_ = &past; }

  /// Who knows what is on disk; outlives it. Without one the answer is Off.
  void ask_of(ingest::query::Durability& durability) { durability_ = &durability; }

  /// Who knows what there is; outlives it. Without one the answer is HistoryUnavailable.
  void ask_of(ingest::query::Discovery& discovery) { discovery_ = &discovery; }

  /// Who keeps boards; outlives it. Without one the answer is Off.
  void ask_of(Boards& boards) { boards_ = &boards; }

  /// Who makes pages of /metrics; outlives it. Without one the answer is a null page.
  void ask_of(Scrapes& scrapes) { scrapes_ = &scrapes; }

  void ask(const Ask& ask);
  void forget(const Forget& forget);
  /// Answers a question about the past at once.
  void refuse(const Ask& ask, const ingest::query::Fault& fault);
  const Refusals& refused() const { return refused_; }
  /// That wait for an answer.
  std::size_t waiting() const {
    return waiting_.size() + line_.size() + durable_.size() + discovering_.size() +
           boarding_.size() + scraping_.size();
  }

 private:
  /// Worker, slot, generation, ticket.
  using Key = std::tuple<std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t>;
  static Key key_of(const Subscriber& who, std::uint32_t ticket) {
    return {who.worker, who.slot, who.generation, ticket};
  }
  void pose(const Ask& ask, const ingest::query::RangeAsk& range);
  void pose(const Ask& ask, const ingest::query::DurableAsk& durable);
  void pose(const Ask& ask, const ingest::query::DiscoveryAsk& discovery);
  void pose(const Ask& ask, const BoardAsk& board);
  void pose(const Ask& ask, const ScrapeAsk& scrape);
  void pose(const Ask& /*ask*/, std::monostate /*nothing*/) {}

  struct InLine {
    Subscriber who;
    std::uint32_t ticket = 0;
    ingest::query::RangeAsk range;
    std::string party;
  };
  /// Of the past: asked now, and who asked.
  struct Posed {
    ingest::query::Past::Id id = 0;
    std::string party;
  };
  /// A connection without a party is one by itself.
  static std::string party_of(const Ask& ask);
  bool may_pose(const std::string& party) const;
  void pose_now(InLine next);
  void pose_next();

  Outlet& outlet_;
  Refusals refused_;
  ingest::query::Past* past_ = nullptr;
  ingest::query::Durability* durability_ = nullptr;
  ingest::query::Discovery* discovery_ = nullptr;
  Boards* boards_ = nullptr;
  Scrapes* scrapes_ = nullptr;
  std::map<Key, Posed> waiting_;
  std::deque<InLine> line_;
  std::map<Key, ingest::query::Durability::Id> durable_;
  std::map<Key, ingest::query::Discovery::Id> discovering_;
  std::map<Key, Boards::Id> boarding_;
  std::map<Key, Scrapes::Id> scraping_;
};

}  // namespace gateway::publish
