#pragma once
// What a BlockStore holds of RocksDB. For the files of BlockStore alone.

#include <rocksdb/db.h>
#include <rocksdb/options.h>
#include <rocksdb/write_batch.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "ingest/archive/block_store.h"
#include "ingest/archive/block_store_keys.h"
#include "ingest/archive/witness.h"

namespace ingest::archive {

using rocksdb::ColumnFamilyHandle;
using rocksdb::Status;

Failure<Error> failure(const Status& status);
bool is_damage(const Status& status);

struct BlockStore::State {
  State(std::string in, WallTime now, const io::Logger& to);
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { close(); }

  Status open_once();
  void read_marks();
  bool write_missing();
  Result<void> open();
  Result<void> settle();
  Result<void> put_aside(const Status& why);
  void close();
  /// How many files were given up.
  std::uint64_t repair();
  /// Of parts and of the dictionary: as the books of the store have them.
  using Tables = Witness::Tables;
  static Tables tables_of(rocksdb::DB& of);
  std::optional<Tables> read_books() const;
  /// `books`: as they were before it; nothing where they could not be read.
  void tell_repaired(const std::optional<Tables>& books, std::uint64_t lost) const;
  /// What a repair lost, for who reads the log.
  std::string sentence_of(const Tables& left, std::uint64_t lost) const;
  /// The end of what was ever filed, of whatever length; the first instant when nothing was.
  WallTime last_filed() const;
  void tell_hole(const Gap& hole, std::string_view why) const;
  /// Whether something of it is new.
  bool add_missing(const Missing& more) const;
  /// Something of that time is there no more: of panes of one length, of all, or of all that was.
  void damaged(Millis pane, const Gap& hole) const;
  void lose(const Gap& hole) const;
  void lose_all() const;
  Result<ColumnFamilyHandle*> part(const PartName& name);
  void drop(const PartName& name, std::uint64_t& count);
  void forget_series(WallTime now);
  Result<void> write();
  std::uint64_t bytes_of_part(ColumnFamilyHandle* handle) const;
  template <class Visit>
  void each_part(const Levels& levels, const Range& range, const Visit& visit) const;
  /// False when something of the block is damaged.
  template <class Visit>
  bool each_pane(const rocksdb::Iterator& at, const Range& range, const LeftOut& left_out,
                 const Visit& visit) const;
  /// False when what was being read is damaged; what cannot be read for now is counted.
  bool is_whole(const Status& status) const;

  std::string folder;
  WallTime opened_at;
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
  bool resumed = false;     // since the last commit
  Status dictionary_fault;  // damage that writing came upon: to be repaired before more is written
  WallTime filed_until = WallTime::min();
  // Damage is found by reading, too.
  mutable Missing missing;
  mutable bool missing_changed = false;  // since it was written
  Witness witness;
  std::optional<Gap> filed;           // since the last commit
  std::uint64_t repairs_settled = 0;  // of Counts::repairs
  std::string forget_at;              // where forget_series() goes on
  mutable Counts counts;
};

}  // namespace ingest::archive
