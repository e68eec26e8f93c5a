// How a BlockStore is opened, and what of a damaged one is told as missing.
//
//   opens, and its books are those of the last commit      all is there
//   opens, and its books are older (witness.h)             the times of the commits it forgot
//   repaired: a file is gone that its books name           the time of that part, of its length
//   repaired: its series are gone                          all of its time
//   repaired: its books are gone as well                   the same, by the tables that the witness
//                                                          knows: one that was put into another one
//                                                          since then counts as gone
//   put aside                                              all of its time
//
// A damaged table of series opens, and is found out when a series is looked up to be written.

#include <rocksdb/cache.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/merge_operator.h>
#include <rocksdb/metadata.h>
#include <rocksdb/table.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "ingest/archive/block_store_state.h"
#include "ingest/base/byte_coding.h"

namespace ingest::archive {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kWriteBufferBytes = std::size_t{16} << 20U;
constexpr std::size_t kWriteBuffersBytes = std::size_t{48} << 20U;  // of all parts
constexpr std::size_t kCacheBytes = std::size_t{32} << 20U;
constexpr std::size_t kTableBlockBytes = std::size_t{16} << 10U;
constexpr std::size_t kInfoLogBytes = std::size_t{1} << 20U;
constexpr int kFilterBits = 10;
constexpr int kFilesOpen = 512;
constexpr int kBackgroundJobs = 2;
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

}  // namespace

Failure<Error> failure(const Status& status) {
  return Failure{Error{static_cast<int>(status.code()), status.ToString()}};
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

// ---- opening ----

BlockStore::State::State(std::string in, WallTime now, const io::Logger& to)
    : folder(std::move(in)),
      opened_at(now),
      log(to),
      next_id(static_cast<ArchiveId>(to_ms(now)) << kIdBits),
      witness(Witness::read(folder + ".filed")) {
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
  const auto is_there = [&](char name) {
    const Status status = db->Get({}, dictionary, Slice{&name, 1}, &mark);
    if (!status.ok() && !status.IsNotFound()) lose_all();
    return status.ok();
  };
  if (is_there(kFiledMark)) {
    ByteReader reader{bytes_of(mark)};
    const WallTime until = wall_from_ms(static_cast<std::int64_t>(reader.u64()));
    if (reader.good()) filed_until = until;
  }
  if (!is_there(kMissingMark)) return;
  if (const auto known = Missing::unpack(bytes_of(mark))) {
    missing.add(*known);
  } else {
    lose_all();
  }
}

Result<void> BlockStore::State::open() {
  std::error_code made;
  fs::create_directories(folder, made);
  if (made) return Failure{Error{made.value(), "cannot make " + folder + ": " + made.message()}};
  Status status = std::exchange(dictionary_fault, Status::OK());
  if (status.ok()) status = open_once();
  if (status.ok()) return settle();
  if (!is_damage(status)) return failure(status);
  log.error("archive_damaged", {{"path", folder}, {"why", status.ToString()}});
  close();
  const auto books = read_books();
  const std::uint64_t lost = repair();
  status = open_once();
  if (status.ok()) {
    tell_repaired(books, lost);
    return settle();
  }
  if (!is_damage(status)) return failure(status);
  return put_aside(status);
}

Result<void> BlockStore::State::put_aside(const Status& why) {
  close();
  const std::string aside = folder + ".damaged-" + std::to_string(next_id >> kIdBits);
  std::error_code fault;
  fs::rename(folder, aside, fault);
  if (fault) return Failure{Error{fault.value(), "cannot move " + folder + ": " + fault.message()}};
  log.error("archive_put_aside", {{"path", folder}, {"to", aside}, {"why", why.ToString()}});
  fs::create_directories(folder, fault);
  if (const Status status = open_once(); !status.ok()) return failure(status);
  lose_all();
  return settle();
}

std::uint64_t BlockStore::State::repair() {
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
  log.warn("archive_repaired", {{"path", folder},
                                {"how", status.ToString()},
                                {"tables_unreadable", files},
                                {"bytes_unreadable", bytes}});
  return files;
}

void BlockStore::State::close() {
  if (db == nullptr) return;
  witness.rearranged(tables_of(*db));
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

// ---- what was lost ----

BlockStore::State::Tables BlockStore::State::tables_of(rocksdb::DB& of) {
  std::vector<rocksdb::LiveFileMetaData> all;
  of.GetLiveFilesMetaData(&all);
  Tables files;
  for (const rocksdb::LiveFileMetaData& each : all)
    files.emplace(each.file_number, each.column_family_name);
  return files;
}

// Without looking whether the files are there.
std::optional<BlockStore::State::Tables> BlockStore::State::read_books() const {
  rocksdb::DBOptions lenient = db_options;
  lenient.create_if_missing = false;
  lenient.paranoid_checks = false;
  std::vector<std::string> names;
  if (!rocksdb::DB::ListColumnFamilies(lenient, folder, &names).ok()) return std::nullopt;
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  families.reserve(names.size());
  for (const std::string& name : names)
    families.emplace_back(name, family_options);
  std::vector<ColumnFamilyHandle*> handles;
  rocksdb::DB* opened = nullptr;
  const Status status = rocksdb::DB::OpenForReadOnly(lenient, folder, families, &handles, &opened);
  if (!status.ok()) return std::nullopt;
  const std::unique_ptr<rocksdb::DB> reader{opened};
  Tables files = tables_of(*reader);
  for (ColumnFamilyHandle* handle : handles)
    reader->DestroyColumnFamilyHandle(handle);
  return files;
}

// A repair keeps the numbers of the files that it could read.
void BlockStore::State::tell_repaired(const std::optional<Tables>& books,
                                      std::uint64_t lost) const {
  const Tables left = tables_of(*db);
  const std::optional<Tables>& known = books ? books : witness.tables();
  if (!known) {
    log.warn("archive_lost", {{"path", folder}, {"what", sentence_of(left, lost)}});
    if (lost > 0) lose_all();
    return;
  }
  const auto gone =
      std::ranges::count_if(*known, [&](const auto& each) { return !left.contains(each.first); });
  log.warn("archive_lost", {{"path", folder},
                            {"what", std::to_string(gone) + " of " + std::to_string(known->size()) +
                                         " tables are lost"},
                            {"known_from", books ? "its own books" : folder + ".filed"}});
  for (const auto& [number, family] : *known) {
    if (left.contains(number)) continue;
    if (const auto part = PartName::read(family)) {
      const WallTime last = last_filed();
      const WallTime end = last == WallTime::min() ? part->end() : std::min(part->end(), last);
      damaged(Millis{part->pane_ms}, {part->start(), end});
    } else if (family == rocksdb::kDefaultColumnFamilyName) {
      lose_all();
    }
  }
}

std::string BlockStore::State::sentence_of(const Tables& left, std::uint64_t lost) const {
  const auto told = witness.span();
  return "which tables there were cannot be read any more: " + std::to_string(left.size()) +
         " are left, " + std::to_string(lost) + " cannot be read, and what of " +
         (told ? std::to_string(to_ms(told->from)) + " to " + std::to_string(to_ms(told->until)) +
                     " ms"
               : std::string{"all that was filed"}) +
         " is in none of those left is lost";
}

// What the books do not know any more was lost; what was told once is not told again.
Result<void> BlockStore::State::settle() {
  const std::uint64_t sequence = db->GetLatestSequenceNumber();
  if (counts.repairs == repairs_settled) {
    const Missing forgotten = witness.lost_by(sequence);
    for (const Gap& each : forgotten.holes())
      tell_hole(each, "it was filed, and is not there");
    add_missing(forgotten);
    if (forgotten != Missing{}) witness.settle(sequence, tables_of(*db));
  } else {
    repairs_settled = counts.repairs;
    witness.settle(sequence, tables_of(*db));
  }
  write_missing();
  return {};
}

WallTime BlockStore::State::last_filed() const {
  const auto told = witness.span();
  return told ? std::max(told->until, filed_until) : filed_until;
}

void BlockStore::State::tell_hole(const Gap& hole, std::string_view why) const {
  log.error("archive_hole", {{"path", folder},
                             {"from_ms", to_ms(hole.from)},
                             {"until_ms", to_ms(hole.until)},
                             {"why", why}});
}

bool BlockStore::State::add_missing(const Missing& more) const {
  const Missing before = missing;
  missing.add(more);
  if (missing == before) return false;
  missing_changed = true;
  return true;
}

void BlockStore::State::damaged(Millis pane, const Gap& hole) const {
  ++counts.damaged;
  Missing here;
  here.add(pane, hole);
  if (add_missing(here)) tell_hole(hole, "panes of " + std::to_string(pane.count()) + " ms");
}

void BlockStore::State::lose(const Gap& hole) const {
  ++counts.damaged;
  Missing here;
  here.add(hole);
  if (add_missing(here)) tell_hole(hole, "panes of all lengths");
}

// Of which series there is anything is not known.
void BlockStore::State::lose_all() const {
  WallTime until = last_filed();
  const bool is_known = until > WallTime::min();
  for (const auto& [name, handle] : parts)
    if (!is_known) until = std::max(until, name.end());
  lose({WallTime{}, until > WallTime::min() ? until : opened_at});
}

}  // namespace ingest::archive
