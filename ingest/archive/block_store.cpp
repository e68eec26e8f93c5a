#include "ingest/archive/block_store.h"

#include <rocksdb/cache.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/merge_operator.h>
#include <rocksdb/table.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <limits>
#include <system_error>
#include <utility>
#include <vector>

#include "ingest/archive/block_store_state.h"
#include "ingest/base/byte_coding.h"

namespace ingest::archive {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBatchBytes = std::size_t{1} << 20U;
constexpr std::size_t kWriteBufferBytes = std::size_t{16} << 20U;
constexpr std::size_t kWriteBuffersBytes = std::size_t{48} << 20U;  // of all parts
constexpr std::size_t kCacheBytes = std::size_t{32} << 20U;
constexpr std::size_t kTableBlockBytes = std::size_t{16} << 10U;
constexpr std::size_t kInfoLogBytes = std::size_t{1} << 20U;
constexpr int kFilterBits = 10;
constexpr int kFilesOpen = 512;
constexpr int kBackgroundJobs = 2;
constexpr Millis kSeenEvery = std::chrono::hours{1};
constexpr unsigned kIdBits = 20;  // of an id below the millisecond of the start

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

Failure<Error> failure(const Status& status) {
  return Failure{Error{static_cast<int>(status.code()), status.ToString()}};
}

Failure<Error> closed(const std::string& folder) {
  return Failure{Error{EIO, "the store in " + folder + " is closed"}};
}

/// What is there is wrong, or what it names is not there: trying again would not help. Any other
/// fault (no file handle left, no right, an error of the device) may pass.
bool is_damage(const Status& status) {
  // RocksDB hands some faults of the system on as corrupt files or unfit options; only its sentence
  // still says which ones.
  const std::string why = status.ToString();
  const bool is_system = why.find("IO error: ") != std::string::npos;
  if (is_system && why.find("No such file") == std::string::npos) return false;
  return status.IsCorruption() || status.IsNotFound() || status.IsInvalidArgument() ||
         status.IsPathNotFound();
}

}  // namespace

// ---- opening ----

BlockStore::State::State(std::string in, WallTime now, const io::Logger& to)
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

Status BlockStore::State::open_once() {
  std::vector<std::string> names;
  std::error_code unknown;
  const bool is_new = !fs::exists(folder + "/CURRENT", unknown);
  if (unknown) return Status::IOError(folder, unknown.message());
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
  read_marks();
  return status;
}

void BlockStore::State::read_marks() {
  std::string mark;
  if (db->Get({}, dictionary, Slice{&kFiledMark, 1}, &mark).ok()) {
    ByteReader reader{bytes_of(mark)};
    const WallTime until = wall_from_ms(static_cast<std::int64_t>(reader.u64()));
    if (reader.good()) filed_until = until;
  }
  if (!db->Get({}, dictionary, Slice{&kMissingMark, 1}, &mark).ok()) return;
  if (const auto known = Missing::unpack(bytes_of(mark))) missing.add(*known);
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
  if (!is_damage(status)) return failure(status);
  log.error("archive_damaged", {{"path", folder}, {"why", status.ToString()}});
  close();
  repair();
  status = open_once();
  if (status.ok()) return {};
  if (!is_damage(status)) return failure(status);
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
      is_new && filed_until > WallTime::min() && !missing.left_until(pane)) {
    missing.left(pane, filed_until);
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
  return {};
}

WallTime BlockStore::filed_until() const {
  return state_->filed_until;
}

// Going on where it stands spares its readers a pause. What that did not help against (a part half
// made, say) is left behind by opening it anew.
bool BlockStore::recover() {
  State& s = *state_;
  s.batch.Clear();
  if (s.db != nullptr && !std::exchange(s.resumed, true) && s.db->Resume().ok() &&
      s.db->Flush({}, s.dictionary).ok())
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
