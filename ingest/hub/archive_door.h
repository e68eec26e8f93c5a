#pragma once
// ArchiveDoor: what those who write see of the archive. Built by the wiring; any thread.

#include <cstdint>
#include <string>
#include <utility>

#include "ingest/archive/archive.h"
#include "ingest/query/durability.h"

namespace ingest::hub {

class ArchiveDoor final : public query::DiskDoor {
 public:
  /// The archive outlives it.
  explicit ArchiveDoor(archive::Archive& archive) : archive_(archive) {}

  query::DurableAnswer outlook() const override {
    const archive::ArchiveLedger ledger = archive_.ledger();
    if (!ledger.on) return query::DurableAnswer::Off;
    const bool away = ledger.away || archive_.batches_full();
    return away ? query::DurableAnswer::Away : query::DurableAnswer::OnDisk;
  }
  std::uint64_t losses() const override { return archive_.losses(); }
  bool batch_begins(const std::string& id) override { return archive_.batch_begins(id); }
  void batch_taken(const std::string& id, WallTime folded, std::string result) override {
    archive_.batch_taken({.id = id, .folded = folded, .result = std::move(result)});
  }

 private:
  archive::Archive& archive_;
};

}  // namespace ingest::hub
