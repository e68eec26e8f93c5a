#pragma once
// BatchDesk: words about batches on their way to the BatchLog: which begin, and which were taken
// whole and wait until everything that was folded with them is on disk. Part of the archive. Who
// says a word may be any thread, one lock a word; the rest is the archive's thread's.
//
// A batch that begins says so before its first sample is folded, so that its word is here before
// any change that it made comes to the archive.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "ingest/archive/batch_log.h"
#include "ingest/base/clock.h"

namespace ingest::archive {

/// A batch that was taken.
struct BatchTaken {
  std::string id;
  WallTime folded;     // the worker's time after the last of it
  std::string result;  // what its retry is to hear: opaque
};

class BatchDesk {
 public:
  /// Words that wait for a disk that is away; past them the oldest are forgotten and counted.
  static constexpr std::size_t kWordsMax = 2 * BatchLog::kKept;

  // ---- any thread ----

  /// `losses`: of the archive so far.
  void begins(std::string id, WallTime at, std::uint64_t losses);
  void taken(BatchTaken batch);
  std::uint64_t forgotten() const;

  // ---- the archive's thread ----

  /// What was said so far: batches that begin are written to `log`, which is to be synced before
  /// any change that came meanwhile.
  void take_words(BatchLog& log);
  /// Everything folded before `whole` is on disk, with so many losses in all: whose samples are
  /// among that and not among the losses is done.
  void settle(BatchLog& log, WallTime whole, std::uint64_t losses);

 private:
  struct Word {
    BatchTaken batch;
    bool begins = false;
    WallTime at;
    std::uint64_t losses = 0;
  };
  struct Begun {
    WallTime at;
    std::uint64_t losses = 0;
  };
  struct Waiting {
    BatchTaken batch;
    Begun begun;
  };
  void say(Word word);

  mutable std::mutex mutex_;
  std::deque<Word> words_;
  std::uint64_t forgotten_ = 0;
  std::unordered_map<std::string, Begun> begun_;
  std::vector<Waiting> waiting_;
};

}  // namespace ingest::archive
