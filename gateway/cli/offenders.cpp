#include "gateway/cli/offenders.h"

#include <string>

namespace gateway::cli {

using ingest::series::OffendersView;

OffendersView offenders_of(std::span<const ingest::worker::Worker* const> workers) {
  OffendersView all;
  for (const ingest::worker::Worker* worker : workers)
    all.merge(*worker->offenders());
  return all;
}

void write_offenders(server::Sheet& sheet, const OffendersView& offenders) {
  for (const OffendersView::Name& worst : offenders.names(kOffendersShown)) {
    sheet.gauge(
        "weir_ingest_offenders",
        "Samples of the last 5 to 10 minutes that went past a cap, by metric name, the cap, "
        "and the tag with the most values; the worst 10",
        static_cast<double>(worst.samples),
        {{"name", worst.name},
         {"cap", std::string{ingest::series::cap_name(worst.cap)}},
         {"tag", worst.tag}});
  }
  for (const OffendersView::Source& worst : offenders.sources(kOffendersShown)) {
    sheet.gauge(
        "weir_ingest_offender_sources",
        "Samples of the last 5 to 10 minutes that were limited or went past a cap, by their "
        "sender (of the offence writes, requests); the worst 10",
        static_cast<double>(worst.samples),
        {{"source", worst.address},
         {"offence", std::string{ingest::series::offence_name(worst.offence)}}});
  }
}

}  // namespace gateway::cli
