#include "gateway/cli/live_settings.h"

#include <string>
#include <utility>

#include "gateway/cli/logs.h"
#include "gateway/config/changes.h"

namespace gateway::cli {

void LiveSettings::take(const config::Config& next) {
  std::string taken;
  for (const std::string_view key : config::changed_keys(running_, next)) {
    if (config::is_live(key)) {
      taken += (taken.empty() ? "" : ",") + std::string{key};
    } else {
      parts_.log.warn("setting_kept", {{"key", key}, {"why", "it changes when Weir is restarted"}});
    }
  }
  take_limits(next.limits);
  running_.auth = next.auth;
  config::Config::Metrics metrics = next.metrics;
  metrics.open = running_.metrics.open;
  metrics.series = running_.metrics.series;
  running_.metrics = std::move(metrics);
  running_.log.level = next.log.level;
  running_.log.rooms = next.log.rooms;
  parts_.log.set(log_levels(running_.log));
  if (!taken.empty()) parts_.log.info("settings_reloaded", {{"keys", taken}});
}

void LiveSettings::take_limits(const config::Config::Limits& next) {
  config::Config::Limits& now = running_.limits;
  now.connections = next.connections;
  now.connections_per_address = next.connections_per_address;
  now.connections_per_identity = next.connections_per_identity;
  now.subs_per_identity = next.subs_per_identity;
  now.questions_per_second = next.questions_per_second;
  now.token_failures_per_minute = next.token_failures_per_minute;
  parts_.dealer.set_connections_max(now.connections);
  parts_.dealer.addresses().set_connections_max(now.connections_per_address);
  parts_.site.identities->set_caps(
      {.connections_max = now.connections_per_identity, .subs_max = now.subs_per_identity});
  parts_.site.questions->set_times(now.questions_per_second);
  parts_.site.token_failures->set_times(now.token_failures_per_minute);
}

}  // namespace gateway::cli
