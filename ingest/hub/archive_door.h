#pragma once
// ArchiveDoor: what those who write see of the archive. Built by the wiring; any thread.

#include <cstdint>

#include "ingest/archive/archive.h"
#include "ingest/query/durability.h"

namespace ingest::hub {

class ArchiveDoor final : public query::DiskDoor {
 public:
  /// The archive outlives it.
  explicit ArchiveDoor(const archive::Archive& archive) : archive_(archive) {}

  query::DurableAnswer outlook() const override {
    const archive::ArchiveLedger ledger = archive_.ledger();
    if (!ledger.on) return query::DurableAnswer::Off;
    return ledger.away ? query::DurableAnswer::Away : query::DurableAnswer::OnDisk;
  }
  std::uint64_t losses() const override { return archive_.losses(); }

 private:
  const archive::Archive& archive_;
};

}  // namespace ingest::hub
