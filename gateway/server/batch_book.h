#pragma once
// BatchBook: what became of batches that carried an id, so that a retry of one counts once and
// hears what the first did. One for all workers, because a retry comes over any connection: one
// lock for each request that has an id. What is remembered is bounded in number and time. Any
// thread.

#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>

#include "gateway/server/intake.h"
#include "ingest/base/clock.h"
#include "ingest/query/durability.h"

namespace gateway::server {

class BatchBook {
 public:
  static constexpr std::size_t kIdBytesMax = 128;
  static constexpr std::size_t kBatchesMax = 32'768;  // some 12 MB with the longest ids
  static constexpr ingest::Millis kKept{600'000};

  BatchBook() = default;
  explicit BatchBook(std::size_t batches_max) : batches_max_(batches_max) {}
  BatchBook(const BatchBook&) = delete;
  BatchBook& operator=(const BatchBook&) = delete;
  ~BatchBook() = default;

  enum class Is : std::uint8_t {
    First,     // take it, then finish() or abandon()
    Repeated,  // Begun::done is what the first did
    Busy,      // it is being taken right now
    Torn,      // the process before ended meanwhile: a part of it may count, or none
  };
  /// What became of a batch, and how to ask whether it is on disk.
  struct Done {
    Taken taken;
    std::optional<ingest::query::DurableAsk> ask;  // none: it is
  };
  struct Begun {
    Is is = Is::First;
    Done done;
  };
  /// `key` is the id and whose it is. The oldest goes when there are batches_max.
  Begun begin(const std::string& key, ingest::MonoTime now);
  void finish(const std::string& key, const Done& done);
  /// Nothing of it was taken after all.
  void abandon(const std::string& key);

  /// At the start, or when the disk comes later, the oldest first: what is known already stays. A
  /// batch of the process before, which began at `at` and whose samples are on disk. `done` is of
  /// pack_taken(); without one it is Torn.
  void restore(const std::string& key, ingest::MonoTime at, const std::optional<std::string>& done);

  std::size_t size() const;
  /// How many were forgotten before kKept had passed.
  std::uint64_t forgotten_early() const;

 private:
  struct Entry {
    std::string key;
    ingest::MonoTime at;
    std::optional<Done> done;
    bool torn = false;
  };
  void forget_oldest(ingest::MonoTime now);

  const std::size_t batches_max_ = kBatchesMax;
  mutable std::mutex mutex_;
  std::list<Entry> entries_;  // the oldest first
  std::unordered_map<std::string, std::list<Entry>::iterator> by_key_;
  std::uint64_t forgotten_early_ = 0;
  std::set<std::string, std::less<>> reasons_;  // of faults that were restored; views stay
};

/// As bytes that outlive the process.
std::string pack_taken(const Taken& taken);

}  // namespace gateway::server
