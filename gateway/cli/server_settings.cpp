#include "gateway/cli/server_settings.h"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "gateway/cli/token_access.h"
#include "gateway/server/hidden_ids.h"

namespace gateway::cli {
namespace {

server::Deadlines deadlines_of(const config::Config::Timeouts& timeouts) {
  server::Deadlines deadlines;
  deadlines.head = timeouts.head;
  deadlines.body = timeouts.body;
  deadlines.idle = timeouts.idle;
  deadlines.answer = timeouts.answer;
  deadlines.hello = timeouts.hello;
  deadlines.ping_every = timeouts.ping;
  deadlines.pong = timeouts.pong;
  deadlines.stalled = timeouts.stalled;
  deadlines.drain = timeouts.drain;
  return deadlines;
}

server::Limits limits_of(const config::Config::Limits& limits) {
  server::Limits all;
  all.connections_max = limits.connections;
  all.connections_per_address_max = limits.connections_per_address;
  all.connections_per_identity_max = limits.connections_per_identity;
  all.subs_per_identity_max = limits.subs_per_identity;
  all.questions_per_second = limits.questions_per_second;
  all.token_failures_per_minute = limits.token_failures_per_minute;
  all.body_max = limits.body;
  all.bodies_max = limits.bodies;
  all.page_bytes_max = limits.page;
  all.requests_per_connection = static_cast<std::uint32_t>(limits.requests_per_connection);
  all.fragments_max = static_cast<std::uint32_t>(limits.fragments);
  return all;
}

/// As /api/v1/thresholds gives them.
std::string thresholds_of(const std::vector<config::Threshold>& thresholds) {
  nlohmann::json items = nlohmann::json::array();
  for (const config::Threshold& each : thresholds) {
    nlohmann::json item{{"metric", each.metric}, {"stat", each.stat}, {"above", each.above}};
    if (each.warn) item["warn"] = *each.warn;
    if (each.crit) item["crit"] = *each.crit;
    items.push_back(std::move(item));
  }
  return items.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

server::Settings server_settings(const config::Config& config) {
  server::Settings settings;
  settings.hosts = config.http.hosts;
  settings.origins = config.http.origins;
  settings.compression =
      config.http.deflate == config::Deflate::On ? ws::Compression::Deflate : ws::Compression::None;
  settings.rules.tick = config.time.tick;
  settings.rules.commands.query.pane = config.time.pane;
  settings.rules.commands.query.window_max = config.retention.panes;
  settings.rules.commands.query.rows_max = config.limits.rows;
  settings.rules.commands.text_bytes_max = config.limits.message;
  settings.rules.commands.subs_max = config.limits.subs;
  settings.rules.commands_per_second = config.limits.commands_per_second;
  settings.rules.output_per_second = config.limits.output_per_second;
  settings.limits = limits_of(config.limits);
  settings.deadlines = deadlines_of(config.http.timeouts);
  settings.writers_allow = config.http.writers_allow;
  settings.trusted_proxies = config.http.trusted_proxies;
  settings.tokens = static_tokens(config.auth);
  settings.thresholds = thresholds_of(config.thresholds);
  settings.annotations_kept = config.retention.annotations;
  settings.metrics_series = config.metrics.series == config::MetricsSeries::On;
  settings.metrics_open = static_cast<server::Settings::MetricsOpen>(config.metrics.open);
  return settings;
}

publish::Publisher::Options publisher_options(const config::Config& config) {
  constexpr unsigned kChannelHalfBits = 15;  // "ch" has 32
  publish::Publisher::Options options;
  options.shown = [ids = server::HiddenIds{kChannelHalfBits}](publish::ChannelId ch) {
    return static_cast<publish::ChannelId>(ids.hide(ch));
  };
  options.tick = config.time.tick;
  options.linger = config.publish.linger;
  options.bytes_max = config.limits.memory / config::kReadersShare;
  options.streams_max = config.limits.streams;
  options.streams_of_one_max = config.limits.streams_per_identity;
  options.query_cost_max = config.limits.query_cost;
  options.pane = config.time.pane;
  return options;
}

}  // namespace gateway::cli
