#include "gateway/config/changes.h"

#include <algorithm>
#include <array>

#include "gateway/config/keys.h"
#include "gateway/config/names.h"

namespace gateway::config {
namespace {

// What the objects behind them can change while threads use them. (Certificates are read again from
// where they are; http.tls says where.)
constexpr std::array<std::string_view, 15> kLive{"auth",
                                                 "limits.connections",
                                                 "limits.connections_per_address",
                                                 "limits.connections_per_identity",
                                                 "limits.subs_per_identity",
                                                 "limits.questions_per_second",
                                                 "limits.token_failures_per_minute",
                                                 "log.level",
                                                 "log.rooms",
                                                 "metrics.ttl",
                                                 "metrics.timers",
                                                 "metrics.timer_unit",
                                                 "metrics.quantiles",
                                                 "metrics.buckets",
                                                 "metrics.mapping"};

}  // namespace

std::vector<std::string_view> changed_keys(const Config& from, const Config& to) {
  std::vector<std::string_view> changed;
  for (const Key& key : keys())
    if (value_text(key, from) != value_text(key, to)) changed.push_back(key.path);
  if (from.feeds != to.feeds) changed.push_back(kFeeds);
  return changed;
}

bool is_live(std::string_view key) {
  return std::any_of(kLive.begin(), kLive.end(), [key](std::string_view live) {
    return key == live || (key.starts_with(live) && key.substr(live.size()).starts_with('.'));
  });
}

}  // namespace gateway::config
