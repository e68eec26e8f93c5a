#include "ingest/archive/filing.h"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace ingest::archive {

bool Filing::work(Disk& disk, const Times& times) {
  shed(disk);
  if (!filer_) begin(disk, times);
  if (!filer_) return false;
  const auto step = filer_->step();
  if (!step) {
    failed(filer_->name(), step.error(), times.mono);
    return false;
  }
  if (*step == Filer::Step::Done) done(disk, times);
  return true;
}

// One that is being filed is let finish.
void Filing::shed(Disk& disk) {
  if (filer_) return;
  const std::uint64_t stored = std::min(ledger_.disk_bytes, bytes_max_);
  const std::uint64_t room = std::max(bytes_max_ - stored, bytes_max_ / kCheckpointPart);
  while (disk.checkpoint().bytes() > room) {
    const auto gone = disk.checkpoint().shed();
    if (!gone) return;
    again_.reset();  // it went first
    ++ledger_.segments_shed;
    log_.error("checkpoint_shed", {{"path", disk.checkpoint().path_of(gone->name)},
                                   {"why", "archive.max_bytes"},
                                   {"bytes_lost", gone->bytes},
                                   {"deltas_lost", gone->deltas}});
    news_.lost(gone->deltas);
  }
}

void Filing::begin(Disk& disk, const Times& times) {
  if (failing_ && times.mono < retry_at_) return;
  if (failing_ && !disk.store().recover()) {
    retry_at_ = times.mono + kRetry;
    return;
  }
  const auto name = again_ ? again_ : disk.checkpoint().take_closed(times.closed);
  if (!name) return;
  auto opened = Filer::open(*name, disk.checkpoint().path_of(*name), disk.store());
  if (!opened && opened.error().code != ENOENT) return failed(*name, opened.error(), times.mono);
  if (!opened) {
    again_.reset();
    log_.error("checkpoint_lost", {{"why", opened.error().what}});
    news_.lost(disk.checkpoint().remove().deltas);
    return;
  }
  filer_.emplace(*std::move(opened));
  if (filer_->lost_bytes() == 0) return;
  ledger_.damaged_bytes += filer_->lost_bytes();
  log_.error("checkpoint_damaged",
             {{"path", disk.checkpoint().path_of(*name)}, {"bytes_lost", filer_->lost_bytes()}});
}

void Filing::done(Disk& disk, const Times& times) {
  ledger_.damaged_deltas += filer_->damaged();
  ++ledger_.periods_filed;
  disk.checkpoint().remove();
  filer_.reset();
  again_.reset();
  if (std::exchange(failing_, false)) news_.recovered();
  const std::uint64_t taken = std::min(disk.checkpoint().bytes(), bytes_max_);
  disk.store().retain(times.now, bytes_max_ - taken);
}

// The segment stays, and is filed from its beginning another time.
void Filing::failed(const SegmentName& name, const Error& error, MonoTime now) {
  ++ledger_.store_faults;
  failing_ = true;
  again_ = name;
  filer_.reset();
  retry_at_ = now + kRetry;
  news_.failed(error);
}

}  // namespace ingest::archive
