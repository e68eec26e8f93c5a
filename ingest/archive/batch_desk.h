#pragma once
// BatchDesk: words about batches on their way to the BatchLog: which begin, and which were taken
// whole and wait until everything that was folded with them is on disk. Part of the archive. Who
// says a word may be any thread, one lock a word; the rest is the archive's thread's.
//
// A batch that begins says so before its first sample is folded, so that its word is here before
// any change that it made comes to the archive.

#include <atomic>
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
  /// Words that wait for a disk that is away; past either of them no batch begins, and that one was
  /// taken is forgotten and counted.
  static constexpr std::size_t kWordsMax = 2 * BatchLog::kKept;
  static constexpr std::size_t kBytesMax = std::size_t{16} << 20U;
  /// Batches that began and whose end was not heard of.
  static constexpr std::size_t kBegunMax = 2 * BatchLog::kKept;

  // ---- any thread ----

  /// `losses`: of the archive so far. False where the desk is full: nothing is said then, it is
  /// counted as forgotten, and nobody should be promised anything.
  bool begins(std::string id, WallTime at, std::uint64_t losses);
  /// Of one that begins() was true of.
  void taken(BatchTaken batch);
  std::uint64_t forgotten() const;
  /// A hint of what begins() would say.
  bool is_full() const;

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
  static std::size_t bytes_of(const BatchTaken& batch);
  bool has_no_room() const;
  void say(Word word);
  void begin(BatchLog& log, const Word& word);
  void forget();

  mutable std::mutex mutex_;
  std::deque<Word> words_;
  std::size_t word_bytes_ = 0;
  std::uint64_t forgotten_ = 0;
  std::atomic<std::size_t> waiting_bytes_ = 0;  // of waiting_: written by the archive's thread only
  std::unordered_map<std::string, Begun> begun_;
  std::vector<Waiting> waiting_;
};

}  // namespace ingest::archive
