#include "gateway/publish/channel.h"

#include <algorithm>
#include <utility>

namespace gateway::publish {
namespace {

using ingest::WallTime;

/// Commas, brackets and the index of a row in a snapshot, at most.
constexpr std::size_t kRowOverhead = 16;

std::size_t row_bytes(const Cells& cells, std::span<const std::string> keys, RowIndex row) {
  std::size_t bytes = kRowOverhead + keys[row].size();
  for (std::size_t field = 0; field < cells.fields; ++field)
    bytes += cells.text(row, field).size() + 1;
  return bytes;
}

std::int64_t boundary(WallTime time, ingest::Millis tier) {
  return time.time_since_epoch() / tier;
}

}  // namespace

void Channel::start(const RowTable& table, WallTime now) {
  adopt(table);
  started_ = true;
  advanced_ = now;
  first_window_end_ = window_.end;
}

void Channel::adopt(const RowTable& table) {
  window_ = table.window();
  live_ = table.live();
  shown_ = table.sheet();
  alive_.resize(table.size());
  for (RowIndex row = 0; row < table.size(); ++row)
    alive_[row] = table.is_live(row) ? 1 : 0;
  said_ = table.version();
}

bool Channel::is_due(WallTime now) const {
  // Unequal, not later: after a step back of the wall clock frames go on.
  return boundary(now, tier()) != boundary(advanced_, tier());
}

void Channel::advance(const RowTable& table, WallTime now, std::vector<Numbered>& out) {
  const Version said_before = said_;
  say_newest(table, now, out);
  if (corrects()) say_corrections(table, said_before, now, out);
  advanced_ = now;
}

/// What the table says other than the readers' state, row by row; the state takes it over.
void Channel::take_changes(const RowTable& table) {
  changes_.removed.clear();
  changes_.added.clear();
  changes_.rows.clear();
  alive_.resize(table.size(), 0);
  shown_.resize(table.size());
  for (RowIndex row = 0; row < table.size(); ++row) {
    if (table.touched(row) <= said_) continue;
    const bool was = alive_[row] != 0;
    const bool is = table.is_live(row);
    alive_[row] = is ? 1 : 0;
    if (was && !is) changes_.removed.push_back(row);
    if (!is) continue;
    if (!shown_.take(table.sheet(), row) && was) continue;
    changes_.rows.push_back(row);
    if (!was) changes_.added.push_back(row);
  }
  said_ = table.version();
}

void Channel::say_newest(const RowTable& table, WallTime now, std::vector<Numbered>& out) {
  take_changes(table);
  const bool moved = table.window() != window_;
  if (!moved && changes_.rows.empty() && changes_.removed.empty()) return;
  window_ = table.window();
  live_ = table.live();
  json_.clear();
  append_update({ch(), ring_.next(), window_, live_, changes_.removed, changes_.added,
                 changes_.rows, shown_.cells(), table.keys()},
                json_);
  publish(make_frame(json_, {ch(), ring_.next()}), now, out);
}

void Channel::say_corrections(const RowTable& table, Version said_before, WallTime now,
                              std::vector<Numbered>& out) {
  for (const RowTable::Earlier& earlier : table.earlier()) {
    if (earlier.changed <= said_before || earlier.window.end < first_window_end_) continue;
    std::vector<RowIndex>& rows = changes_.rows;
    rows.clear();
    for (RowIndex row = 0; row < earlier.touched.size(); ++row) {
      if (earlier.touched[row] > said_before && alive_[row] != 0) rows.push_back(row);
    }
    if (rows.empty()) continue;
    const auto last =
        earlier.final_at != 0 ? CorrectionMessage::Last::Yes : CorrectionMessage::Last::No;
    json_.clear();
    append_correction(
        {ch(), ring_.next(), earlier.window, last, earlier.rev, rows, earlier.sheet.cells()},
        json_);
    publish(make_frame(json_, {ch(), ring_.next()}), now, out);
  }
}

void Channel::rebase(const RowTable& table, WallTime now, std::vector<Numbered>& out) {
  const Version said_before = said_;
  adopt(table);
  advanced_ = now;
  FramePtr frame = build_snapshot(table, ring_.next(), SnapMessage::Rebase::Yes);
  publish(frame, now, out);
  snapshot_ = std::move(frame);
  if (corrects()) say_corrections(table, said_before, now, out);
}

void Channel::publish(FramePtr frame, WallTime now, std::vector<Numbered>& out) {
  snapshot_ = nullptr;
  const Sequence s = ring_.next();
  ring_.append(s, frame, now.time_since_epoch());
  out.push_back({s, std::move(frame)});
}

FramePtr Channel::snapshot(const RowTable& table) {
  if (snapshot_ == nullptr) {
    snapshot_ = build_snapshot(table, s(), SnapMessage::Rebase::No);
    ++snapshots_built_;
  }
  return snapshot_;
}

FramePtr Channel::build_snapshot(const RowTable& table, Sequence s, SnapMessage::Rebase rebase) {
  std::vector<RowIndex>& rows = changes_.rows;
  rows.clear();
  std::vector<std::size_t> ends;  // of each part, in rows
  std::size_t part_bytes = 0;
  for (RowIndex row = 0; row < alive_.size(); ++row) {
    if (alive_[row] == 0) continue;
    const std::size_t bytes = row_bytes(shown_.cells(), table.keys(), row);
    if (part_bytes > 0 && part_bytes + bytes > kPartBytes) {
      ends.push_back(rows.size());
      part_bytes = 0;
    }
    part_bytes += bytes;
    rows.push_back(row);
  }
  ends.push_back(rows.size());
  FramePtr chain;  // from the last part to the first: each holds on to its successor
  for (std::size_t part = ends.size(); part > 0; --part) {
    const std::size_t begin = part > 1 ? ends[part - 2] : 0;
    json_.clear();
    append_snap(
        {ch(), s, rebase, part, ends.size(), window_, live_,
         std::span{rows}.subspan(begin, ends[part - 1] - begin), shown_.cells(), table.keys()},
        json_);
    const bool is_last = part == ends.size();
    chain = make_frame(json_, is_last ? FramePlace{ch(), s} : FramePlace{}, std::move(chain));
  }
  ring_.hold_snapshots(chain_bytes(*chain));
  return chain;
}

Channel::Resumed Channel::resume(Sequence s) const {
  Resumed resumed;
  if (!started_ || s > this->s() || s + 1 < ring_.first()) return resumed;
  resumed.start = Start::Replay;
  for (Sequence next = s + 1; next < ring_.next(); ++next) {
    resumed.frames.push_back(*ring_.get(next));
  }
  return resumed;
}

std::size_t Channel::bytes() const {
  return sizeof(*this) + ring_.bytes() + alive_.capacity() + shown_.bytes() + json_.capacity() +
         (snapshot_ == nullptr ? 0 : chain_bytes(*snapshot_));
}

}  // namespace gateway::publish
