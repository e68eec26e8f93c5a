#pragma once
// BatchLog: the ids of batches on disk, so that a retry after a crash counts once. Owned by the
// archive's thread. It must not know what a batch is, or how it was answered.
//
//   name    batches-<number>.log, in records of segment.h
//   begun   1, wall ms zigzag, id          on disk before any change that the batch made
//   done    2, wall ms zigzag, id, result  on disk after all of them
//
// An id that is begun and not done may have left a part on disk. A file takes kOfAFile ids, then
// the next begins; the oldest goes when all of it is older than kKeptFor, or when there are kKept
// ids without it.

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/archive/segment.h"
#include "ingest/base/clock.h"
#include "ingest/base/result.h"

namespace ingest::archive {

class BatchLog {
 public:
  static constexpr std::size_t kKept = 32'768;
  static constexpr std::size_t kOfAFile = kKept / 2;
  static constexpr Millis kKeptFor{600'000};
  static constexpr std::size_t kIdBytesMax = 1'024;
  static constexpr std::size_t kResultBytesMax = 16'384;
  static constexpr std::size_t kWaitingMax = std::size_t{16} << 20U;

  struct Found {
    std::string id;
    WallTime at;                        // it began
    std::optional<std::string> result;  // none: a part of it may be on disk
  };

  /// What is in `folder`, which is there. `session` names this run.
  static Result<BatchLog> open(const std::string& folder, std::uint64_t session, WallTime now);

  /// Of the last kKeptFor, by their age; the youngest kKept of them.
  const std::vector<Found>& found() const { return found_; }

  /// Longer ids and results than the maxima are left out.
  void begun(std::string_view id, WallTime at);
  void done(std::string_view id, WallTime at, std::string_view result);
  /// Everything said so far is on disk after; what fails waits for the next call.
  Result<void> sync();
  /// More than kWaitingMax waits: nothing more should be said before it is on disk.
  bool is_full() const { return waiting() >= kWaitingMax; }
  std::size_t waiting() const { return writer_->waiting(); }

 private:
  struct File {
    std::size_t ids = 0;
    WallTime youngest;
  };
  BatchLog(std::string folder, std::uint64_t session)
      : folder_(std::move(folder)), session_(session) {}
  void read(std::uint64_t number, std::map<std::string, Found, std::less<>>& ids);
  std::string path_of(std::uint64_t number) const;
  void begin_file();
  void remove_old(WallTime now);

  std::string folder_;
  std::uint64_t session_;
  std::vector<Found> found_;
  std::map<std::uint64_t, File> files_;  // by number; the last one is written to
  std::optional<SegmentWriter> writer_;
};

}  // namespace ingest::archive
