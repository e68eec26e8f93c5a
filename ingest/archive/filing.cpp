#include "ingest/archive/filing.h"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace ingest::archive {

bool Filing::work(Disk& disk, const Times& times) {
  make_room(disk, times);
  const bool more = filer_ ? file_some(disk, times) : begin(disk, times);
  ledger_.segments_aside = disk.checkpoint().aside();
  return more;
}

// ---- room ----

void Filing::tell_lost(const char* event, Disk& disk, const Checkpoint::Gone& gone,
                       const std::string& why) {
  Missing hole;
  hole.add(gone.span());
  disk.store().lost(hole);
  log_.error(event, {{"path", disk.checkpoint().path_of(gone.name)},
                     {"why", why},
                     {"bytes_lost", gone.bytes},
                     {"deltas_lost", gone.deltas}});
  news_.lost(gone.deltas);
}

// What is oldest on disk leaves before what is not filed yet. One that is being filed is let
// finish.
void Filing::make_room(Disk& disk, const Times& times) {
  const auto is_full = [&] { return disk.checkpoint().bytes() + ledger_.disk_bytes > bytes_max_; };
  if (filer_ || !is_full()) return;
  if (times.mono >= room_at_) {
    retain(disk, times.now);
    if (is_full()) room_at_ = times.mono + kRetry;
  }
  const std::uint64_t stored = std::min(ledger_.disk_bytes, bytes_max_);
  shed(disk, std::max(bytes_max_ - stored, bytes_max_ / kCheckpointPart));
}

void Filing::retain(Disk& disk, WallTime now) {
  if (!disk.store().is_open()) return;
  const std::uint64_t taken =
      std::clamp(disk.checkpoint().bytes(), bytes_max_ / kCheckpointPart, bytes_max_);
  disk.store().retain(now, bytes_max_ - taken);
  ledger_.disk_bytes = disk.store().bytes();
}

void Filing::shed(Disk& disk, std::uint64_t room) {
  while (disk.checkpoint().bytes() > room) {
    const auto gone = disk.checkpoint().shed();
    if (!gone) return;
    if (again_ && again_->number == gone->name.number) again_.reset();
    ++ledger_.segments_shed;
    tell_lost("checkpoint_shed", disk, *gone, "archive.max_bytes");
  }
}

// ---- one after the other ----

std::optional<SegmentName> Filing::next(Disk& disk, const Times& times) {
  Checkpoint& checkpoint = disk.checkpoint();
  if (again_) return again_;
  if (auto name = checkpoint.take_closed(times.closed)) return name;
  if (checkpoint.aside() == 0 || times.mono < aside_at_) return std::nullopt;
  aside_at_ = times.mono + kRetry;
  while (const auto gone = checkpoint.expire_aside(times.now))
    tell_lost("checkpoint_expired", disk, *gone, "it could not be read all the time");
  return checkpoint.take_aside();
}

bool Filing::begin(Disk& disk, const Times& times) {
  if (failing_ && times.mono < retry_at_) return false;
  if (failing_ && !disk.store().recover()) {
    retry_at_ = times.mono + kRetry;
    return false;
  }
  const auto name = next(disk, times);
  if (!name) return false;
  const auto filed =
      disk.checkpoint().taken_is_last() ? Filer::Filed::APeriod : Filer::Filed::PartOfOne;
  auto opened = Filer::open(*name, disk.checkpoint().path_of(*name), disk.store(), filed);
  if (opened) {
    filer_.emplace(*std::move(opened));
  } else {
    not_read(disk, opened.error(), times.mono);
  }
  return true;
}

// What cannot be read gives way to the next one at once; a store that fails does not.
bool Filing::file_some(Disk& disk, const Times& times) {
  const auto step = filer_->step();
  if (!step) return stopped(disk, step.error(), times.mono);
  if (*step == Filer::Step::Done) done(disk, times);
  return true;
}

void Filing::not_read(Disk& disk, const Error& error, MonoTime now) {
  again_.reset();
  if (error.code == ENOENT) {
    const Checkpoint::Gone gone = disk.checkpoint().remove();
    return tell_lost("checkpoint_lost", disk, gone, error.what);
  }
  ++ledger_.store_faults;
  aside_at_ = std::max(aside_at_, now + kRetry);
  if (disk.checkpoint().set_aside())
    log_.error("checkpoint_unreadable", {{"why", error.what}, {"until", "it can be read"}});
}

void Filing::done(Disk& disk, const Times& times) {
  if (filer_->lost_bytes() > 0) {
    ledger_.damaged_bytes += filer_->lost_bytes();
    log_.error("checkpoint_damaged", {{"path", disk.checkpoint().path_of(filer_->name())},
                                      {"bytes_lost", filer_->lost_bytes()}});
  }
  ledger_.damaged_deltas += filer_->damaged();
  ++ledger_.periods_filed;
  disk.checkpoint().remove();
  filer_.reset();
  again_.reset();
  if (std::exchange(failing_, false)) news_.recovered();
  retain(disk, times.now);
}

bool Filing::stopped(Disk& disk, const Error& error, MonoTime now) {
  const bool is_its_own = filer_->is_loading();
  if (is_its_own) {
    filer_.reset();
    not_read(disk, error, now);
  } else {
    failed(filer_->name(), error, now);
  }
  return is_its_own;
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
