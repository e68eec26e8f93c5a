#pragma once
// Disk: what stands under archive.path, held by one process at a time. Opening it checks all of the
// checkpoint and repairs the store; what was lost is logged. Owned by the archive's thread.
//
//   PATH/lock   PATH/checkpoint-*.log   PATH/batches-*.log   PATH/blocks/ (the store)

#include <cstdint>
#include <memory>
#include <string>

#include "ingest/archive/batch_log.h"
#include "ingest/archive/block_store.h"
#include "ingest/archive/checkpoint.h"
#include "ingest/base/result.h"
#include "ingest/io/fd.h"
#include "ingest/io/log.h"

namespace ingest::archive {

class Disk {
 public:
  struct Options {
    std::string path;
    Levels levels{Millis{1'000}};
    std::uint64_t session = 0;
    WallTime now;
  };
  /// Error::code is kInUse where another process has it.
  static constexpr int kInUse = -1;
  static Result<std::unique_ptr<Disk>> open(const Options& options, const io::Logger& log);

  Checkpoint& checkpoint() { return checkpoint_; }
  const Checkpoint& checkpoint() const { return checkpoint_; }
  BatchLog& batches() { return batches_; }
  const BatchLog& batches() const { return batches_; }
  BlockStore& store() { return *store_; }
  const BlockStore& store() const { return *store_; }

 private:
  Disk(io::Fd lock, Checkpoint checkpoint, BatchLog batches, std::unique_ptr<BlockStore> store)
      : lock_(std::move(lock)),
        checkpoint_(std::move(checkpoint)),
        batches_(std::move(batches)),
        store_(std::move(store)) {}

  io::Fd lock_;
  Checkpoint checkpoint_;
  BatchLog batches_;
  std::unique_ptr<BlockStore> store_;
};

}  // namespace ingest::archive
