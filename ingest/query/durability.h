#pragma once
// Durability: whether what was taken is on disk: what writers see of the disk, and the hub's end of
// those who wait for it.

#include <cstdint>
#include <functional>
#include <string>

#include "ingest/base/clock.h"

namespace ingest::query {

/// About what the asking worker folded, between the reading of `losses` and `folded`.
struct DurableAsk {
  WallTime folded;           // the worker's time after the last of it
  std::uint64_t losses = 0;  // DiskDoor::losses() before the first of it
};
enum class DurableAnswer : std::uint8_t {
  OnDisk,
  Lost,  // some of what came meanwhile never got there
  Away,  // the disk cannot be written
  Off,   // nothing is kept on disk
};

/// The disk as those who write see it. Any thread.
class DiskDoor {
 public:
  DiskDoor() = default;
  DiskDoor(const DiskDoor&) = delete;
  DiskDoor& operator=(const DiskDoor&) = delete;
  virtual ~DiskDoor() = default;
  /// What would become of that which is folded now: OnDisk, Away or Off.
  virtual DurableAnswer outlook() const = 0;
  /// How much never got to disk so far.
  virtual std::uint64_t losses() const = 0;
  /// A batch that a retry is to count once, after a crash too, before the first of it is folded.
  /// False where a crash would make it forgotten, though outlook() may have hoped otherwise.
  virtual bool batch_begins(const std::string& id) = 0;
  /// All of it was folded by `folded`. `result` is what its retry is to hear: opaque.
  virtual void batch_taken(const std::string& id, WallTime folded, std::string result) = 0;
};

/// All calls are on the hub's thread.
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
