// What leaves a BlockStore, and what it knows to be missing.

#include <rocksdb/metadata.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "ingest/archive/block_store_state.h"

namespace ingest::archive {
namespace {

constexpr std::size_t kForgetAtOnce = 20'000;  // series looked at in one retain()
constexpr Millis kSeriesKept = std::chrono::hours{24 * 31};

}  // namespace

// ---- what leaves ----

// That it has left is on disk before it leaves: else nothing would be told as if it had been so.
void BlockStore::State::drop(const PartName& name, std::uint64_t& count) {
  const auto found = parts.find(name);
  missing.left(Millis{name.pane_ms}, name.end());
  missing_changed = true;
  if (!write_missing()) return;
  if (!db->DropColumnFamily(found->second).ok()) return;
  db->DestroyColumnFamilyHandle(found->second);
  unflushed.erase(found->second);
  parts.erase(found);
  ++count;
}

std::uint64_t BlockStore::State::bytes_of_part(ColumnFamilyHandle* handle) const {
  rocksdb::ColumnFamilyMetaData data;
  db->GetColumnFamilyMetaData(handle, &data);
  return data.size;
}

void BlockStore::State::forget_series(WallTime now) {
  const std::unique_ptr<rocksdb::Iterator> each{db->NewIterator({}, dictionary)};
  each->Seek(forget_at);
  std::size_t looked = 0;
  for (; each->Valid() && looked < kForgetAtOnce; each->Next(), ++looked) {
    if (!each->key().starts_with(Slice{&kSeriesMark, 1})) continue;
    const auto known = read_series(each->value());
    if (!known || known->second + kSeriesKept > now) continue;
    db->Delete(no_log, dictionary, each->key());
    unflushed.insert(dictionary);
  }
  forget_at = each->Valid() ? each->key().ToString() : std::string{};
}

void BlockStore::retain(WallTime now, std::uint64_t bytes_max) {
  State& s = *state_;
  if (!is_open()) return;
  std::vector<PartName> names;
  for (const auto& [name, handle] : s.parts)
    names.push_back(name);
  std::ranges::sort(names, {}, &PartName::end);
  for (const PartName& name : names) {
    if (name.end() + name.levels().kept(Rollup::Base) <= now) s.drop(name, s.counts.parts_expired);
  }
  // The newest part of each length stays: it is being written.
  for (const PartName& name : names) {
    if (bytes() <= bytes_max) break;
    const bool is_newest = name.end() > now;
    if (s.parts.contains(name) && !is_newest) s.drop(name, s.counts.parts_shed);
  }
  s.forget_series(now);
  s.missing.forget(now - kSeriesKept);
  s.write_missing();
  s.witness.rearranged(State::tables_of(*s.db));
}

// ---- what is missing ----

void BlockStore::lost(const Missing& holes) {
  if (state_->add_missing(holes) && is_open()) state_->write_missing();
}

bool BlockStore::State::write_missing() {
  if (!missing_changed) return true;
  const auto bytes = missing.packed();
  if (!db->Put(no_log, dictionary, Slice{&kMissingMark, 1}, slice_of(bytes)).ok()) return false;
  if (!db->Flush({}, dictionary).ok()) return false;
  missing_changed = false;
  return true;
}

std::optional<WallTime> BlockStore::oldest(Millis pane) const {
  const auto part =
      state_->parts.lower_bound({pane.count(), std::numeric_limits<std::int64_t>::min()});
  if (part == state_->parts.end() || part->first.pane_ms != pane.count()) return std::nullopt;
  return part->first.start();
}

WallTime BlockStore::whole_from(Millis pane) const {
  if (const auto left = state_->missing.left_until(pane)) return *left;
  return oldest(pane) || state_->parts.empty() ? WallTime::min() : state_->last_filed();
}

const Missing& BlockStore::missing() const {
  return state_->missing;
}

}  // namespace ingest::archive
