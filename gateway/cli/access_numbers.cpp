#include "gateway/cli/access_numbers.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace gateway::cli {
namespace {

double number(std::uint64_t count) {
  return static_cast<double>(count);
}

}  // namespace

void write_access(server::Sheet& sheet, const server::Site& site) {
  sheet.gauge("weir_identities", "Holders of tokens that have a WebSocket or an event stream open",
              number(site.identities->identities()));
  const auto refused = [&](std::string_view limit, std::uint64_t count) {
    sheet.counter("weir_identity_refused_total",
                  "What was refused for a limit of one identity or address", number(count),
                  {{"limit", std::string{limit}}});
  };
  refused("connections_per_identity", site.identities->connections_refused());
  refused("subs_per_identity", site.identities->subs_refused());
  refused("questions_per_second", site.questions->refused());
  refused("token_failures_per_minute", site.token_failures->refused());
}

void write_discovery(server::Sheet& sheet, const ingest::hub::DiscoveryLedger& ledger) {
  const auto total = [&](std::string_view name, std::string_view help, std::uint64_t value) {
    sheet.counter(name, help, number(value));
  };
  total("weir_discovery_asked_total", "Questions about what there is, asked of the hub",
        ledger.asked);
  total("weir_discovery_refused_total", "Of those, refused: limits.surveys, or no such question",
        ledger.refused);
  total("weir_discovery_dropped_total", "Of those, nobody waited for any more", ledger.dropped);
  total("weir_discovery_surveys_total", "Surveys of the series begun", ledger.surveys);
  sheet.gauge("weir_discovery_waiting", "Questions that wait for a survey", number(ledger.waiting));
  sheet.gauge("weir_discovery_surveys_in_line", "Surveys that are not over",
              number(ledger.in_line));
  sheet.gauge("weir_discovery_bytes", "Memory of catalogues kept for who sees a part",
              number(ledger.bytes));
}

}  // namespace gateway::cli
