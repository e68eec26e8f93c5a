#pragma once
// Durability: whether what was taken is on disk. The hub as the publisher sees it; all calls are on
// the hub's thread.

#include <cstdint>
#include <functional>

#include "ingest/base/clock.h"

namespace ingest::query {

/// About everything that the asking worker folded up to this instant.
struct DurableAsk {
  WallTime folded;
};
enum class DurableAnswer : std::uint8_t {
  OnDisk,
  Lost,  // some of what came meanwhile never got there
  Away,  // the disk cannot be written
  Off,   // nothing is kept on disk
};

class Durability {
 public:
  using Id = std::uint64_t;
  using Done = std::function<void(DurableAnswer)>;
  Durability() = default;
  Durability(const Durability&) = delete;
  Durability& operator=(const Durability&) = delete;
  virtual ~Durability() = default;
  /// `done` is called once, after wait() has returned, unless drop() comes before.
  virtual Id wait(DurableAsk ask, Done done) = 0;
  /// Nobody waits for it any more. Harmless for what was answered.
  virtual void drop(Id id) = 0;
};

}  // namespace ingest::query
