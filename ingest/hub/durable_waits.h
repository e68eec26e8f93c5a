#pragma once
// DurableWaits: who waits until what was taken is on disk. Looks at the archive's account whenever
// it has news. Owned by the wiring, on the hub's thread.
//
// What is lost is counted, and whose it was nobody knows: who asks says how many losses there were
// before the first of its samples. While there are no more of them all that is durable is safe; so
// for each number of losses we remember up to which instant that was.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>

#include "ingest/archive/archive.h"
#include "ingest/query/durability.h"

namespace ingest::hub {

class DurableWaits final : public query::Durability {
 public:
  /// Numbers of losses that are remembered; who asks about an older one hears that it is lost.
  static constexpr std::size_t kSafeMax = 1'024;

  /// The archive outlives it. `wake` makes look() be called soon.
  DurableWaits(const archive::Archive& archive, std::function<void()> wake)
      : archive_(archive), wake_(std::move(wake)) {}

  Id wait(query::DurableAsk ask, Done done) override;
  void drop(Id id) override { waiting_.erase(id); }
  /// The archive has news, or wait() was called.
  void look();
  std::size_t waiting() const { return waiting_.size(); }

 private:
  struct Waiting {
    query::DurableAsk ask;
    Done done;
  };
  /// With so many losses in all, everything that was folded before was on disk but for those.
  struct Safe {
    std::uint64_t losses = 0;
    WallTime until;
  };
  void remember();
  std::optional<query::DurableAnswer> answer(const query::DurableAsk& ask,
                                             const archive::ArchiveLedger& ledger) const;

  const archive::Archive& archive_;
  std::function<void()> wake_;
  std::map<Id, Waiting> waiting_;
  std::deque<Safe> safe_;  // both ascend
  Id next_ = 1;
};

}  // namespace ingest::hub
