#pragma once
// Filing: which segment is turned into blocks next, what happens when that fails, and how long the
// checkpoint may grow meanwhile. Owned by the archive's thread. It must not know the hub or jobs.
//
//   waiting ──closed──▶ filed in steps ──▶ removed; what is too old or too much leaves the store
//      ▲                     │ the store or the segment fails
//      └──────kRetry─────────┘    past its share of archive.max_bytes the oldest segment goes
//      unfiled

#include <cstdint>
#include <functional>
#include <optional>

#include "ingest/archive/archive.h"
#include "ingest/archive/disk.h"
#include "ingest/archive/filer.h"

namespace ingest::archive {

class Filing {
 public:
  static constexpr Millis kRetry{2'000};  // between looks at what failed
  /// The checkpoint may hold what the store leaves of archive.max_bytes, and at least this part.
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
  /// Before the disk goes.
  void stop() { filer_.reset(); }

 private:
  void shed(Disk& disk);
  void begin(Disk& disk, const Times& times);
  void done(Disk& disk, const Times& times);
  void failed(const SegmentName& name, const Error& error, MonoTime now);

  std::uint64_t bytes_max_;
  const io::Logger& log_;
  ArchiveLedger& ledger_;
  News news_;
  std::optional<Filer> filer_;
  std::optional<SegmentName> again_;  // was taken, and waits for another try
  bool failing_ = false;
  MonoTime retry_at_{};
};

}  // namespace ingest::archive
