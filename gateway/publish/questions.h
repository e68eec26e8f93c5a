#pragma once
// Questions: what workers ask once and somebody answers later, in any order: the hub's end. It
// knows who asked, not what a question means. Owned by the publisher; hub's thread only.
//
//   Ask -> Past::ask() ... done -> Answered
//   Forget -> Past::drop()

#include <cstdint>
#include <map>
#include <tuple>

#include "gateway/publish/mail.h"
#include "ingest/query/durability.h"
#include "ingest/query/past.h"

namespace gateway::publish {

class Questions {
 public:
  /// The outlet outlives it.
  explicit Questions(Outlet& outlet) : outlet_(outlet) {}
  Questions(const Questions&) = delete;
  Questions& operator=(const Questions&) = delete;
  ~Questions();

  /// Who knows the past; outlives it. Without one every question about it gets HistoryUnavailable.
  void ask_of(ingest::query::Past& past) { past_ = &past; }

  /// Who knows what is on disk; outlives it. Without one the answer is Off.
  void ask_of(ingest::query::Durability& durability) { durability_ = &durability; }

  void ask(const Ask& ask);
  void forget(const Forget& forget);
  /// Answers at once.
  void refuse(const Ask& ask, const ingest::query::Fault& fault);
  /// That wait for an answer.
  std::size_t waiting() const { return waiting_.size() + durable_.size(); }

 private:
  /// Worker, slot, generation, ticket.
  using Key = std::tuple<std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t>;
  static Key key_of(const Subscriber& who, std::uint32_t ticket) {
    return {who.worker, who.slot, who.generation, ticket};
  }
  void pose(const Ask& ask, const ingest::query::RangeAsk& range);
  void pose(const Ask& ask, const ingest::query::DurableAsk& durable);
  void pose(const Ask& /*ask*/, std::monostate /*nothing*/) {}

  Outlet& outlet_;
  ingest::query::Past* past_ = nullptr;
  ingest::query::Durability* durability_ = nullptr;
  std::map<Key, ingest::query::Past::Id> waiting_;
  std::map<Key, ingest::query::Durability::Id> durable_;
};

}  // namespace gateway::publish
