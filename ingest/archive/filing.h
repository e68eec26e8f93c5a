#pragma once
// Filing: which segment is turned into blocks next, what happens when that fails, and how long the
// checkpoint may grow meanwhile. Owned by the archive's thread. It must not know the hub or jobs.
//
//   waiting ──closed──▶ filed in steps ──▶ removed; what is too old or too much leaves the store
//      ▲                     │ the store fails
//      └──────kRetry─────────┘
//   A segment that cannot be read is set aside, told, and tried again each kRetry: it holds nothing
//   up, and goes when its panes would be too old, or for room. Where archive.max_bytes is reached
//   the oldest parts of the store leave first, down to what it may hold, then segments unfiled.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "ingest/archive/archive.h"
#include "ingest/archive/disk.h"
#include "ingest/archive/filer.h"

namespace ingest::archive {

class Filing {
 public:
  static constexpr Millis kRetry{2'000};  // between looks at what failed
  /// The store leaves this part of archive.max_bytes to the checkpoint, which may hold more where
  /// the store holds less.
  static constexpr std::uint64_t kCheckpointPart = 8;

  /// Who is told, during work().
  struct News {
    std::function<void(const Error&)> failed;  // each time
    std::function<void()> recovered;           // after failures, once
    std::function<void(std::uint64_t deltas)> lost;
  };
  struct Times {
    WallTime now;     // for what is too old
    WallTime closed;  // panes that ended by then get nothing more
    MonoTime mono;
  };

  Filing(std::uint64_t bytes_max, const io::Logger& log, ArchiveLedger& ledger, News news)
      : bytes_max_(bytes_max), log_(log), ledger_(ledger), news_(std::move(news)) {}

  /// A step of some ms. Whether there is more to do at once.
  bool work(Disk& disk, const Times& times);
  /// Since the last failure nothing was filed.
  bool failing() const { return failing_; }
  /// work() is wanted again after kRetry, though nothing came.
  bool waits(const Disk& disk) const { return failing_ || disk.checkpoint().aside() > 0; }
  /// Before the disk goes.
  void stop() { filer_.reset(); }

 private:
  void make_room(Disk& disk, const Times& times);
  void shed(Disk& disk, std::uint64_t room);
  void retain(Disk& disk, WallTime now);
  std::optional<SegmentName> next(Disk& disk, const Times& times);
  bool begin(Disk& disk, const Times& times);
  bool file_some(Disk& disk, const Times& times);
  void not_read(Disk& disk, const Error& error, MonoTime now);
  void tell_lost(const char* event, Disk& disk, const Checkpoint::Gone& gone,
                 const std::string& why);
  void done(Disk& disk, const Times& times);
  bool stopped(Disk& disk, const Error& error, MonoTime now);
  void failed(const SegmentName& name, const Error& error, MonoTime now);

  std::uint64_t bytes_max_;
  const io::Logger& log_;
  ArchiveLedger& ledger_;
  News news_;
  std::optional<Filer> filer_;
  std::optional<SegmentName> again_;  // was taken, and waits for another try
  bool failing_ = false;
  MonoTime retry_at_{};
  MonoTime room_at_{};   // when the store is asked for room again: it had none to give
  MonoTime aside_at_{};  // when the next one that is set aside is tried
};

}  // namespace ingest::archive
