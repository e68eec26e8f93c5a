#include "ingest/archive/block_store.h"

#include <algorithm>
#include <cerrno>
#include <limits>
#include <utility>
#include <vector>

#include "ingest/archive/block_store_state.h"
#include "ingest/base/byte_coding.h"

namespace ingest::archive {
namespace {

constexpr std::size_t kBatchBytes = std::size_t{1} << 20U;
constexpr Millis kSeenEvery = std::chrono::hours{1};

Failure<Error> closed(const std::string& folder) {
  return Failure{Error{EIO, "the store in " + folder + " is closed"}};
}

}  // namespace

// ---- opening ----

Result<std::unique_ptr<BlockStore>> BlockStore::open(const std::string& folder, WallTime now,
                                                     const io::Logger& log) {
  auto state = std::make_unique<State>(folder, now, log);
  TRY(state->open());
  return std::unique_ptr<BlockStore>{new BlockStore(std::move(state))};
}

BlockStore::BlockStore(std::unique_ptr<State> state) : state_(std::move(state)) {}
BlockStore::~BlockStore() = default;

bool BlockStore::is_open() const {
  return state_->db != nullptr;
}

// ---- writing ----

Result<ColumnFamilyHandle*> BlockStore::State::part(const PartName& name) {
  if (const auto found = parts.find(name); found != parts.end()) return found->second;
  ColumnFamilyHandle* handle = nullptr;
  const Status status = db->CreateColumnFamily(family_options, name.text(), &handle);
  if (!status.ok()) {
    if (handle != nullptr) db->DestroyColumnFamilyHandle(handle);
    return failure(status);
  }
  // Of a length that is new here nothing is there of the time before.
  const auto first = parts.lower_bound({name.pane_ms, std::numeric_limits<std::int64_t>::min()});
  const bool is_new = first == parts.end() || first->first.pane_ms != name.pane_ms;
  if (const Millis pane{name.pane_ms};
      is_new && last_filed() > WallTime::min() && !missing.left_until(pane)) {
    missing.left(pane, last_filed());
    missing_changed = true;
  }
  parts[name] = handle;
  return handle;
}

Result<void> BlockStore::State::write() {
  if (batch.Count() == 0) return {};
  const Status status = db->Write(no_log, &batch);
  batch.Clear();
  if (!status.ok()) return failure(status);
  return {};
}

Result<ArchiveId> BlockStore::id_of(const model::SeriesKey& key, WallTime seen) {
  State& s = *state_;
  if (!is_open()) return closed(s.folder);
  std::string place(1, kSeriesMark);
  place += Reader::place_of(key);
  std::string value;
  const Status found = s.db->Get({}, s.dictionary, place, &value);
  if (!found.ok() && !found.IsNotFound()) {
    if (is_damage(found)) s.dictionary_fault = found;
    return failure(found);
  }
  auto known = found.ok() ? read_series(value) : std::nullopt;
  if (known && seen - known->second < kSeenEvery) return known->first;
  if (!known) known = std::pair{s.next_id++, seen};
  std::vector<std::byte> bytes;
  ByteWriter writer{bytes};
  writer.u64(known->first);
  writer.u64(static_cast<std::uint64_t>(to_ms(seen)));
  s.unflushed.insert(s.dictionary);
  // At once, so that the next call finds it.
  const Status put = s.db->Put(s.no_log, s.dictionary, place, slice_of(bytes));
  if (!put.ok()) return failure(put);
  return known->first;
}

Result<void> BlockStore::append(const Levels& levels, const Where& where,
                                std::span<const std::byte> panes) {
  State& s = *state_;
  if (!is_open()) return closed(s.folder);
  const Millis length = levels.part(where.level);
  const WallTime start = levels.grid(where.level).start(where.block * kPanesPerBlock);
  const timeline::PaneGrid grid{length};
  const PartName name{levels.pane(where.level).count(), to_ms(grid.start(grid.number(start)))};
  ColumnFamilyHandle* const handle = TRY(s.part(name));
  s.unflushed.insert(handle);
  s.batch.Merge(handle, block_key(where.series, where.block), slice_of(panes));
  ++s.counts.blocks_written;
  return s.batch.GetDataSize() < kBatchBytes ? Result<void>{} : s.write();
}

// Lengths that are kept no longer, or not again yet, have none of that time.
void BlockStore::filed(const Levels& levels, const Gap& span) {
  State& s = *state_;
  if (!s.filed) s.filed = span;
  s.filed = Gap{std::min(s.filed->from, span.from), std::max(s.filed->until, span.until)};
  std::set<Millis> others;
  for (const auto& [name, handle] : s.parts)
    others.emplace(name.pane_ms);
  for (const Millis each : s.missing.lengths())
    others.insert(each);
  for (const Rollup level : {Rollup::Base, Rollup::Ten, Rollup::Sixty})
    if (levels.exists(level)) others.erase(levels.pane(level));
  Missing holes;
  for (const Millis each : others)
    holes.add(each, span);
  s.add_missing(holes);
}

Result<void> BlockStore::commit(WallTime period_end) {
  State& s = *state_;
  if (!is_open()) return closed(s.folder);
  const WallTime until = std::max(s.filed_until, period_end);
  std::vector<std::byte> mark;
  ByteWriter{mark}.u64(static_cast<std::uint64_t>(to_ms(until)));
  s.batch.Put(s.dictionary, Slice{&kFiledMark, 1}, slice_of(mark));
  if (s.missing_changed)
    s.batch.Put(s.dictionary, Slice{&kMissingMark, 1}, slice_of(s.missing.packed()));
  s.unflushed.insert(s.dictionary);
  TRY(s.write());
  const std::vector<ColumnFamilyHandle*> handles(s.unflushed.begin(), s.unflushed.end());
  const Status status = s.db->Flush({}, handles);
  if (!status.ok()) return failure(status);
  s.unflushed.clear();
  s.resumed = false;
  s.filed_until = until;
  s.missing_changed = false;
  if (s.filed)
    s.witness.committed(s.db->GetLatestSequenceNumber(), *s.filed, State::tables_of(*s.db));
  s.filed.reset();
  return {};
}

WallTime BlockStore::filed_until() const {
  return state_->filed_until;
}

// Going on where it stands spares its readers a pause. What that did not help against (a part half
// made, say) is left behind by opening it anew, and what is damaged by a repair.
bool BlockStore::recover() {
  State& s = *state_;
  s.batch.Clear();
  s.filed.reset();
  if (s.db != nullptr && s.dictionary_fault.ok() && !std::exchange(s.resumed, true) &&
      s.db->Resume().ok() && s.db->Flush({}, s.dictionary).ok())
    return true;
  s.close();
  s.resumed = false;
  return s.open().has_value();
}

// ---- numbers ----

std::uint64_t BlockStore::bytes() const {
  if (!is_open()) return 0;
  std::uint64_t all = state_->bytes_of_part(state_->dictionary);
  for (const auto& [name, handle] : state_->parts)
    all += state_->bytes_of_part(handle);
  return all;
}

const BlockStore::Counts& BlockStore::counts() const {
  return state_->counts;
}

}  // namespace ingest::archive
