#include "ingest/archive/block_store.h"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/merge_operator.h>
#include <rocksdb/metadata.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <map>
#include <set>
#include <system_error>
#include <utility>
#include <vector>

#include "ingest/archive/block.h"
#include "ingest/archive/entry.h"
#include "ingest/base/byte_coding.h"
#include "ingest/base/check.h"
#include "ingest/model/packed_partial.h"

namespace ingest::archive {
namespace {

namespace fs = std::filesystem;
using rocksdb::ColumnFamilyHandle;
using rocksdb::Slice;
using rocksdb::Status;

constexpr std::size_t kBatchBytes = std::size_t{1} << 20U;
constexpr std::size_t kWriteBufferBytes = std::size_t{16} << 20U;
constexpr std::size_t kWriteBuffersBytes = std::size_t{48} << 20U;  // of all parts
constexpr std::size_t kCacheBytes = std::size_t{32} << 20U;
constexpr std::size_t kTableBlockBytes = std::size_t{16} << 10U;
constexpr std::size_t kInfoLogBytes = std::size_t{1} << 20U;
constexpr int kFilterBits = 10;
constexpr int kFilesOpen = 512;
constexpr int kBackgroundJobs = 2;
constexpr std::size_t kForgetAtOnce = 20'000;  // series looked at in one retain()
constexpr Millis kSeenEvery = std::chrono::hours{1};
constexpr Millis kSeriesKept = std::chrono::hours{24 * 31};
constexpr char kSeriesMark = 'k';
constexpr unsigned kIdBits = 20;  // of an id below the millisecond of the start
constexpr std::size_t kIdBytes = sizeof(std::uint64_t);

/// Appends what is merged to what is there: how a block grows without being read.
class AppendOperator final : public rocksdb::AssociativeMergeOperator {
 public:
  bool Merge(const Slice& /*key*/, const Slice* existing, const Slice& value, std::string* merged,
             rocksdb::Logger* /*logger*/) const override {
    merged->clear();
    if (existing != nullptr) merged->assign(existing->data(), existing->size());
    merged->append(value.data(), value.size());
    return true;
  }
  const char* Name() const override { return "weir.append"; }
};

Slice slice_of(std::span<const std::byte> bytes) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
std::span<const std::byte> bytes_of(const Slice& slice) {
  return std::as_bytes(std::span{slice.data(), slice.size()});
}

void append_number(std::string& key, std::uint64_t number) {
  for (std::size_t i = kIdBytes; i-- > 0;)
    key.push_back(static_cast<char>(number >> (8 * i)));
}
/// In the order of block numbers, those before the epoch too.
std::uint64_t sortable(PaneNumber block) {
  return static_cast<std::uint64_t>(block) ^ (std::uint64_t{1} << 63U);
}
std::string block_key(ArchiveId series, PaneNumber block) {
  std::string key;
  append_number(key, series);
  append_number(key, sortable(block));
  return key;
}
PaneNumber block_of_key(const Slice& key) {
  std::uint64_t number = 0;
  for (std::size_t i = kIdBytes; i < key.size(); ++i)
    number = number << 8U | static_cast<unsigned char>(key[i]);
  return static_cast<PaneNumber>(number ^ (std::uint64_t{1} << 63U));
}

ArchiveId series_of_key(const Slice& key) {
  ArchiveId series = 0;
  for (std::size_t i = 0; i < std::min(kIdBytes, key.size()); ++i)
    series = series << 8U | static_cast<unsigned char>(key[i]);
  return series;
}

/// Blocks of one length of panes that begin in one stretch of time.
struct PartName {
  std::int64_t pane_ms = 0;
  std::int64_t start_ms = 0;
  auto operator<=>(const PartName&) const = default;

  std::string text() const { return std::to_string(pane_ms) + '@' + std::to_string(start_ms); }
  static std::optional<PartName> read(std::string_view text) {
    PartName name;
    const char* const end = text.data() + text.size();
    const auto pane = std::from_chars(text.data(), end, name.pane_ms);
    if (pane.ec != std::errc{} || pane.ptr == end || *pane.ptr != '@') return std::nullopt;
    const auto start = std::from_chars(pane.ptr + 1, end, name.start_ms);
    if (start.ec != std::errc{} || start.ptr != end || name.pane_ms <= 0) return std::nullopt;
    return name;
  }
  // A part is what Levels says of a base pane of its length, whatever level it was.
  Levels levels() const { return Levels{Millis{pane_ms}}; }
  WallTime start() const { return wall_from_ms(start_ms); }
};

std::optional<std::pair<ArchiveId, WallTime>> read_series(const Slice& value) {
  ByteReader reader{bytes_of(value)};
  const ArchiveId id = reader.u64();
  const WallTime seen = wall_from_ms(static_cast<std::int64_t>(reader.u64()));
  if (!reader.good()) return std::nullopt;
  return std::pair{id, seen};
}

std::optional<model::SeriesKey> read_place(std::string_view place) {
  if (place.size() < 2) return std::nullopt;
  const int kind = place.back() - '0';
  if (kind < 0 || kind > static_cast<int>(model::Kind::Set)) return std::nullopt;
  return read_key(static_cast<model::Kind>(kind), place.substr(0, place.size() - 2));
}

Failure<Error> failure(const Status& status) {
  return Failure{Error{static_cast<int>(status.code()), status.ToString()}};
}

}  // namespace

struct BlockStore::State {
  State(std::string in, WallTime now, const io::Logger& to)
      : folder(std::move(in)), log(to), next_id(static_cast<ArchiveId>(to_ms(now)) << kIdBits) {
    rocksdb::BlockBasedTableOptions table;
    table.block_cache = rocksdb::NewLRUCache(kCacheBytes);
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(kFilterBits));
    table.block_size = kTableBlockBytes;
    table.cache_index_and_filter_blocks = true;
    family_options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    family_options.merge_operator = std::make_shared<AppendOperator>();
    family_options.write_buffer_size = kWriteBufferBytes;
    family_options.compression = rocksdb::kLZ4Compression;
    db_options.create_if_missing = true;
    db_options.atomic_flush = true;  // series and their blocks together
    db_options.db_write_buffer_size = kWriteBuffersBytes;
    db_options.max_open_files = kFilesOpen;
    db_options.max_background_jobs = kBackgroundJobs;
    db_options.info_log_level = rocksdb::ERROR_LEVEL;
    db_options.keep_log_file_num = 1;
    db_options.max_log_file_size = kInfoLogBytes;
    db_options.skip_stats_update_on_db_open = true;
    no_log.disableWAL = true;
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { close(); }

  Status open_once();
  Result<void> open();
  void close();
  void repair();
  Result<ColumnFamilyHandle*> part(const PartName& name);
  void drop(const PartName& name, std::uint64_t& count);
  void forget_series(WallTime now);
  Result<void> write();
  std::uint64_t bytes_of_part(ColumnFamilyHandle* handle) const;
  template <class Visit>
  void each_part(const Levels& levels, const Range& range, const Visit& visit) const;
  template <class Visit>
  void each_pane(const rocksdb::Iterator& at, const Range& range, const Visit& visit) const;

  std::string folder;
  const io::Logger& log;
  rocksdb::DBOptions db_options;
  rocksdb::ColumnFamilyOptions family_options;
  rocksdb::WriteOptions no_log;
  std::unique_ptr<rocksdb::DB> db;
  ColumnFamilyHandle* dictionary = nullptr;
  std::map<PartName, ColumnFamilyHandle*> parts;
  std::set<ColumnFamilyHandle*> unflushed;
  rocksdb::WriteBatch batch;
  ArchiveId next_id;
  std::string forget_at;  // where forget_series() goes on
  mutable Counts counts;
};

// ---- opening ----

Status BlockStore::State::open_once() {
  std::vector<std::string> names;
  const bool is_new = !fs::exists(folder + "/CURRENT");
  if (is_new) {
    names = {rocksdb::kDefaultColumnFamilyName};
  } else if (Status status = rocksdb::DB::ListColumnFamilies(db_options, folder, &names);
             !status.ok()) {
    return status;
  }
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  families.reserve(names.size());
  for (const std::string& name : names)
    families.emplace_back(name, family_options);
  std::vector<ColumnFamilyHandle*> handles;
  rocksdb::DB* opened = nullptr;
  Status status = rocksdb::DB::Open(db_options, folder, families, &handles, &opened);
  if (!status.ok()) return status;
  db.reset(opened);
  for (ColumnFamilyHandle* handle : handles) {
    if (const auto name = PartName::read(handle->GetName())) {
      parts[*name] = handle;
    } else if (handle->GetName() == rocksdb::kDefaultColumnFamilyName) {
      dictionary = handle;
    } else {
      db->DestroyColumnFamilyHandle(handle);
    }
  }
  return status;
}

void BlockStore::State::repair() {
  ++counts.repairs;
  const std::string lost = folder + "/lost";
  std::error_code ignored;
  fs::remove_all(lost, ignored);
  const Status status = rocksdb::RepairDB(
      folder, db_options, {{rocksdb::kDefaultColumnFamilyName, family_options}}, family_options);
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  for (const auto& each : fs::directory_iterator{lost, ignored}) {
    if (each.path().extension() != ".sst") continue;
    ++files;
    bytes += each.file_size(ignored);
  }
  counts.damaged += files;
  log.warn(
      "archive_repaired",
      {{"path", folder}, {"how", status.ToString()}, {"files_lost", files}, {"bytes_lost", bytes}});
}

Result<void> BlockStore::State::open() {
  std::error_code made;
  fs::create_directories(folder, made);
  if (made) return Failure{Error{made.value(), "cannot make " + folder + ": " + made.message()}};
  Status status = open_once();
  if (status.ok()) return {};
  if (!status.IsCorruption() && !status.IsNotFound() && !status.IsInvalidArgument() &&
      !status.IsPathNotFound() && !(status.IsIOError() && !status.IsNoSpace())) {
    return failure(status);
  }
  log.error("archive_damaged", {{"path", folder}, {"why", status.ToString()}});
  close();
  repair();
  status = open_once();
  if (status.ok()) return {};
  close();
  const std::string aside = folder + ".damaged-" + std::to_string(next_id >> kIdBits);
  std::error_code moved;
  fs::rename(folder, aside, moved);
  if (moved) return Failure{Error{moved.value(), "cannot move " + folder + ": " + moved.message()}};
  log.error("archive_put_aside", {{"path", folder}, {"to", aside}, {"why", status.ToString()}});
  fs::create_directories(folder, made);
  status = open_once();
  if (!status.ok()) return failure(status);
  return {};
}

void BlockStore::State::close() {
  if (db == nullptr) return;
  for (const auto& [name, handle] : parts)
    db->DestroyColumnFamilyHandle(handle);
  db->DestroyColumnFamilyHandle(dictionary);
  parts.clear();
  unflushed.clear();
  batch.Clear();
  dictionary = nullptr;
  db->Close();
  db.reset();
}

Result<std::unique_ptr<BlockStore>> BlockStore::open(const std::string& folder, WallTime now,
                                                     const io::Logger& log) {
  auto state = std::make_unique<State>(folder, now, log);
  TRY(state->open());
  return std::unique_ptr<BlockStore>{new BlockStore(std::move(state))};
}

BlockStore::BlockStore(std::unique_ptr<State> state) : state_(std::move(state)) {}
BlockStore::~BlockStore() = default;

// ---- writing ----

Result<ColumnFamilyHandle*> BlockStore::State::part(const PartName& name) {
  if (const auto found = parts.find(name); found != parts.end()) return found->second;
  ColumnFamilyHandle* handle = nullptr;
  const Status status = db->CreateColumnFamily(family_options, name.text(), &handle);
  if (!status.ok()) return failure(status);
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
  std::string place(1, kSeriesMark);
  place += Reader::place_of(key);
  std::string value;
  const Status found = s.db->Get({}, s.dictionary, place, &value);
  if (!found.ok() && !found.IsNotFound()) return failure(found);
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

Result<void> BlockStore::commit() {
  State& s = *state_;
  TRY(s.write());
  if (s.unflushed.empty()) return {};
  const std::vector<ColumnFamilyHandle*> handles(s.unflushed.begin(), s.unflushed.end());
  const Status status = s.db->Flush({}, handles);
  if (!status.ok()) return failure(status);
  s.unflushed.clear();
  return {};
}

bool BlockStore::recover() {
  State& s = *state_;
  s.batch.Clear();
  if (s.db != nullptr && s.db->Resume().ok() && s.db->Flush({}, s.dictionary).ok()) return true;
  s.close();
  return s.open().has_value();
}

// ---- what leaves ----

void BlockStore::State::drop(const PartName& name, std::uint64_t& count) {
  const auto found = parts.find(name);
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
    const auto known = read_series(each->value());
    if (!known || known->second + kSeriesKept > now) continue;
    db->Delete(no_log, dictionary, each->key());
    unflushed.insert(dictionary);
  }
  forget_at = each->Valid() ? each->key().ToString() : std::string{};
}

void BlockStore::retain(WallTime now, std::uint64_t bytes_max) {
  State& s = *state_;
  const auto end_of = [](const PartName& name) {
    return name.start() + name.levels().part(Rollup::Base);
  };
  std::vector<PartName> names;
  for (const auto& [name, handle] : s.parts)
    names.push_back(name);
  std::ranges::sort(names, {}, end_of);
  for (const PartName& name : names) {
    if (end_of(name) + name.levels().kept(Rollup::Base) <= now)
      s.drop(name, s.counts.parts_expired);
  }
  // The newest part of each length stays: it is being written.
  for (const PartName& name : names) {
    if (bytes() <= bytes_max) break;
    const bool is_newest = end_of(name) > now;
    if (s.parts.contains(name) && !is_newest) s.drop(name, s.counts.parts_shed);
  }
  s.forget_series(now);
}

// ---- reading ----

template <class Visit>
void BlockStore::State::each_part(const Levels& levels, const Range& range,
                                  const Visit& visit) const {
  if (range.first >= range.last) return;
  const timeline::PaneGrid grid = levels.grid(range.level);
  const timeline::PaneGrid in_parts{levels.part(range.level)};
  const WallTime first = grid.start(block_of(range.first) * kPanesPerBlock);
  const std::int64_t pane_ms = levels.pane(range.level).count();
  const std::int64_t start_ms = to_ms(in_parts.start(in_parts.number(first)));
  for (auto part = parts.lower_bound({pane_ms, start_ms});
       part != parts.end() && part->first.pane_ms == pane_ms &&
       part->first.start() < grid.start(range.last);
       ++part)
    visit(part->second);
}

// Those of the block that the iterator is at.
template <class Visit>
void BlockStore::State::each_pane(const rocksdb::Iterator& at, const Range& range,
                                  const Visit& visit) const {
  const PaneNumber base = block_of_key(at.key()) * kPanesPerBlock;
  const BlockPanes panes = read_block(bytes_of(at.value()));
  bool whole = panes.whole;
  for (std::size_t i = 0; i < panes.at.size(); ++i) {
    const PaneNumber number = base + static_cast<PaneNumber>(i);
    auto packed = panes.at.at(i);
    if (packed.empty() || number < range.first || number >= range.last) continue;
    auto partial = model::unpack(packed);
    whole = whole && partial.has_value();
    if (partial) visit(number, *std::move(partial));
  }
  if (!whole) ++counts.damaged;
}

void BlockStore::series(std::string_view name_prefix, std::string_view after,
                        const Reader::SeriesVisit& visit) const {
  std::string from(1, kSeriesMark);
  const std::string prefix = from + std::string{name_prefix};
  from += after.empty() ? name_prefix : after;
  if (!after.empty()) from.push_back('\0');
  const std::unique_ptr<rocksdb::Iterator> each{state_->db->NewIterator({}, state_->dictionary)};
  for (each->Seek(from); each->Valid() && each->key().starts_with(prefix); each->Next()) {
    const auto known = read_series(each->value());
    const auto key = read_place(each->key().ToStringView().substr(1));
    if (!known || !key) {
      ++state_->counts.damaged;
      continue;
    }
    if (!visit(known->first, *key)) return;
  }
  if (!each->status().ok()) ++state_->counts.damaged;
}

void BlockStore::panes(const Levels& levels, ArchiveId series, const Range& range,
                       const Reader::PaneVisit& visit) const {
  const std::string last_key = block_key(series, block_of(range.last - 1) + 1);
  const Slice bound{last_key};
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = &bound;
  state_->each_part(levels, range, [&](ColumnFamilyHandle* part) {
    const std::unique_ptr<rocksdb::Iterator> each{state_->db->NewIterator(options, part)};
    for (each->Seek(block_key(series, block_of(range.first))); each->Valid(); each->Next()) {
      state_->each_pane(*each, range,
                        [&](PaneNumber pane, model::Partial&& partial) { visit(pane, partial); });
    }
    if (!each->status().ok()) ++state_->counts.damaged;
  });
}

void BlockStore::scan(const Levels& levels, const Range& range, const ScanVisit& visit) const {
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  state_->each_part(levels, range, [&](ColumnFamilyHandle* part) {
    const std::unique_ptr<rocksdb::Iterator> each{state_->db->NewIterator(options, part)};
    for (each->SeekToFirst(); each->Valid(); each->Next()) {
      const ArchiveId series = series_of_key(each->key());
      state_->each_pane(*each, range, [&](PaneNumber pane, model::Partial&& partial) {
        visit(series, pane, std::move(partial));
      });
    }
    if (!each->status().ok()) ++state_->counts.damaged;
  });
}

std::optional<WallTime> BlockStore::oldest(Millis pane) const {
  const auto part =
      state_->parts.lower_bound({pane.count(), std::numeric_limits<std::int64_t>::min()});
  if (part == state_->parts.end() || part->first.pane_ms != pane.count()) return std::nullopt;
  return part->first.start();
}

std::uint64_t BlockStore::bytes() const {
  std::uint64_t all = state_->bytes_of_part(state_->dictionary);
  for (const auto& [name, handle] : state_->parts)
    all += state_->bytes_of_part(handle);
  return all;
}

const BlockStore::Counts& BlockStore::counts() const {
  return state_->counts;
}

}  // namespace ingest::archive
