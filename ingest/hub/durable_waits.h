#pragma once
// DurableWaits: who waits until what was taken is on disk. Looks at the archive's account whenever
// it has news. Owned by the wiring, on the hub's thread.

#include <cstdint>
#include <functional>
#include <map>

#include "ingest/archive/archive.h"
#include "ingest/query/durability.h"

namespace ingest::hub {

class DurableWaits final : public query::Durability {
 public:
  /// The archive outlives it. `wake` makes look() be called soon.
  DurableWaits(const archive::Archive& archive, std::function<void()> wake)
      : archive_(archive), wake_(std::move(wake)) {}

  Id wait(query::DurableAsk ask, Done done) override;
  void drop(Id id) override { waiting_.erase(id); }
  /// The archive has news, or wait() was called.
  void look();

 private:
  struct Waiting {
    WallTime folded;
    std::uint64_t losses = 0;  // at the ask
    Done done;
  };
  const archive::Archive& archive_;
  std::function<void()> wake_;
  std::map<Id, Waiting> waiting_;
  Id next_ = 1;
};

}  // namespace ingest::hub
