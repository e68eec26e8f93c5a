#pragma once
// What a BlockStore holds of RocksDB. For the files of BlockStore alone.

#include <rocksdb/db.h>
#include <rocksdb/options.h>
#include <rocksdb/write_batch.h>

#include <map>
#include <memory>
#include <set>
#include <string>

#include "ingest/archive/block_store.h"
#include "ingest/archive/block_store_keys.h"

namespace ingest::archive {

using rocksdb::ColumnFamilyHandle;
using rocksdb::Status;

struct BlockStore::State {
  State(std::string in, WallTime now, const io::Logger& to);
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { close(); }

  Status open_once();
  void read_marks();
  bool write_missing();
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
  void each_pane(const rocksdb::Iterator& at, const Range& range, const LeftOut& left_out,
                 const Visit& visit) const;

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
  bool resumed = false;  // since the last commit
  WallTime filed_until = WallTime::min();
  Missing missing;
  bool missing_changed = false;  // since it was written
  std::string forget_at;         // where forget_series() goes on
  mutable Counts counts;
};

}  // namespace ingest::archive
