#include "gateway/cli/archive_numbers.h"

#include <nlohmann/json.hpp>
#include <string_view>

namespace gateway::cli {

void write_archive(server::Sheet& sheet, const ingest::archive::ArchiveLedger& ledger,
                   const ingest::hub::HubLedger& hub) {
  const auto total = [&](std::string_view name, std::string_view help, std::uint64_t value) {
    sheet.counter(name, help, static_cast<double>(value));
  };
  const auto now = [&](std::string_view name, std::string_view help, std::uint64_t value) {
    sheet.gauge(name, help, static_cast<double>(value));
  };
  now("weir_archive_on", "Whether the past is kept on disk (archive.path)", ledger.on ? 1 : 0);
  now("weir_archive_degraded", "Whether the disk cannot be written: the past is in memory alone",
      ledger.degraded ? 1 : 0);
  total("weir_archive_deltas_total", "Changes of panes told to the archive", ledger.deltas);
  total("weir_archive_deltas_lost_total", "Of those, never put on disk", ledger.deltas_lost);
  total("weir_archive_deltas_damaged_total", "Read back, but of no known series or unreadable",
        ledger.damaged_deltas);
  total("weir_archive_batches_deferred_total", "Batches that waited for the archive's full ring",
        hub.batches_deferred);
  total("weir_archive_checkpoints_total", "Checkpoints put on disk", ledger.checkpoints);
  total("weir_archive_faults_total", "Writes to disk that failed, to be tried again",
        ledger.checkpoint_faults);
  constexpr double kMicrosInSecond = 1e6;
  sheet.gauge("weir_archive_checkpoint_seconds", "How long the last checkpoint took to write",
              static_cast<double>(ledger.checkpoint_us) / kMicrosInSecond);
  now("weir_archive_waiting_bytes", "Not on disk yet", ledger.waiting_bytes);
  now("weir_archive_checkpoint_bytes", "Of the checkpoint, not filed yet", ledger.checkpoint_bytes);
  now("weir_archive_bytes", "Of blocks on disk", ledger.disk_bytes);
  total("weir_archive_periods_filed_total", "Periods turned from checkpoint to blocks",
        ledger.periods_filed);
  total("weir_archive_blocks_total", "Blocks begun or added to", ledger.blocks_written);
  total("weir_archive_parts_expired_total", "Parts that left by age", ledger.parts_expired);
  total("weir_archive_parts_shed_total", "Parts that left early, for archive.max_bytes",
        ledger.parts_shed);
  total("weir_archive_segments_shed_total",
        "Segments of the checkpoint that left unfiled, for archive.max_bytes",
        ledger.segments_shed);
  now("weir_archive_segments_aside", "Segments of the checkpoint that cannot be read now",
      ledger.segments_aside);
  total("weir_archive_damaged_bytes_total", "Of the checkpoint, found damaged at the start",
        ledger.damaged_bytes);
  total("weir_archive_torn_bytes_total", "Of the checkpoint, cut off at the start",
        ledger.torn_bytes);
  total("weir_archive_damaged_blocks_total", "Blocks and files that could not be read",
        ledger.damaged_blocks);
  total("weir_archive_repairs_total", "Repairs of the block store", ledger.store_repairs);
  total("weir_archive_batches_forgotten_total",
        "Ids of batches that waited for the disk and found no room", ledger.batches_forgotten);
  total("weir_archive_jobs_total", "Questions about the past taken to disk", ledger.jobs);
}

namespace {

std::string_view state_of(const ingest::archive::ArchiveLedger& ledger) {
  if (!ledger.on) return "off";
  if (ledger.away) return "away";
  return ledger.degraded ? "degraded" : "ok";
}

}  // namespace

std::string archive_json(const ingest::archive::ArchiveLedger& ledger, std::uint64_t max_bytes) {
  using Json = nlohmann::ordered_json;
  const Json oldest = ledger.oldest_ms == 0 ? Json{} : Json(ledger.oldest_ms);
  return Json{{"state", state_of(ledger)},
              {"bytes", ledger.disk_bytes},
              {"max_bytes", max_bytes},
              {"checkpoint_bytes", ledger.checkpoint_bytes},
              {"waiting_bytes", ledger.waiting_bytes},
              {"oldest", oldest},
              {"holes", ledger.holes},
              {"holes_ms", ledger.holes_ms},
              {"deltas_lost", ledger.deltas_lost},
              {"shed", ledger.parts_shed + ledger.segments_shed}}
      .dump();
}

}  // namespace gateway::cli
