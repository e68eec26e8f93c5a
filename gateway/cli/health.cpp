#include "gateway/cli/health.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "ingest/codec/line_ledger.h"

namespace gateway::cli {
namespace {

using Json = nlohmann::ordered_json;
using ingest::codec::LineLedger;
using ingest::feed::FeedLedger;
using ingest::worker::SampleLedger;

Json datagrams_json(const FeedLedger::Datagrams& datagrams) {
  return {{"offered", datagrams.offered()},
          {"received", datagrams.received},
          {"kernel_dropped", datagrams.kernel_dropped},
          {"lower_bound", datagrams.drops_are_lower_bound()}};
}

Json connections_json(const FeedLedger::Connections& connections) {
  return {{"open", connections.open()},     {"opened", connections.opened},
          {"closed", connections.closed},   {"idle", connections.idle},
          {"denied", connections.denied},   {"refused", connections.refused},
          {"crowded", connections.crowded}, {"revoked", connections.revoked}};
}

Json lines_json(const LineLedger& lines) {
  Json reasons = Json::object();
  for (std::size_t i = 0; i < ingest::codec::kRejects; ++i) {
    const auto reason = static_cast<ingest::codec::Reject>(i);
    if (lines.rejected[i] > 0) reasons[std::string{reject_name(reason)}] = lines.rejected[i];
  }
  return {{"received", lines.received},
          {"accepted", lines.accepted},
          {"rejected", lines.rejected_total()},
          {"reasons", std::move(reasons)},
          {"ignored",
           {{"blank", lines.ignored.blank},
            {"comment", lines.ignored.comment},
            {"annotation", lines.ignored.annotation}}},
          {"cut", {{"truncated", lines.cut.truncated}, {"tcp_tail", lines.cut.tcp_tail}}},
          {"notes",
           {{"rate_ignored", lines.notes.rate_ignored},
            {"unknown_field", lines.notes.unknown_field},
            {"string_field", lines.notes.string_field}}}};
}

Json samples_json(const SampleLedger& samples) {
  return {{"produced", samples.produced},
          {"own", samples.own},
          {"overflow", samples.overflow},
          {"late", samples.late},
          {"future", samples.future},
          {"limited", {{"rate", samples.limited_rate}, {"source", samples.limited_source}}},
          {"late_folded", samples.late_folded}};
}

Json feed_json(const FeedSums& sums) {
  Json feed{{"name", sums.name}, {"address", sums.address}};
  // What a feed never had is no ledger of its own: the host reads files, UDP has no connections.
  if (!sums.is_host()) feed["bytes"] = sums.feed.bytes;
  const bool datagrams = sums.name.starts_with("udp/") || sums.name.starts_with("unixgram/");
  const bool connections = sums.name.starts_with("tcp/") || sums.name.starts_with("unix/");
  if (datagrams) feed["datagrams"] = datagrams_json(sums.feed.datagrams);
  if (connections) feed["connections"] = connections_json(sums.feed.connections);
  if (!sums.is_host() && sums.name != "direct") feed["lines"] = lines_json(sums.feed.lines);
  feed["samples"] = samples_json(sums.samples);
  return feed;
}

Json offenders_json(const ingest::series::OffendersView& offenders) {
  Json names = Json::array();
  for (const auto& name : offenders.names(kOffendersMax)) {
    names.push_back({{"name", name.name},
                     {"cap", cap_name(name.cap)},
                     {"samples", name.samples},
                     {"error", name.error},
                     {"tag", name.tag},
                     {"tag_values", name.tag_values}});
  }
  Json sources = Json::array();
  for (const auto& source : offenders.sources(kOffendersMax)) {
    sources.push_back({{"address", source.address},
                       {"offence", offence_name(source.offence)},
                       {"samples", source.samples},
                       {"error", source.error}});
  }
  return {{"names", std::move(names)}, {"sources", std::move(sources)}};
}

}  // namespace

std::string ingest_json(std::span<const FeedSums> feeds, const SeriesHealth& series,
                        const ingest::series::OffendersView& offenders) {
  Json all{{"feeds", Json::array()},
           {"series",
            {{"live", series.live},
             {"max", series.max},
             {"names", series.names},
             {"names_max", series.names_max},
             {"per_name_max", series.per_name_max},
             {"overflowed", series.overflowed}}},
           {"offenders", offenders_json(offenders)}};
  for (const FeedSums& sums : feeds) {
    all["feeds"].push_back(feed_json(sums));
    if (sums.is_host()) {
      all["host"] = {{"sources_missing", sums.feed.sources_missing},
                     {"devices_folded", sums.feed.devices_folded}};
    }
  }
  // A path may hold any byte, and a name that was cut may end within a character.
  return all.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string ingest_json(std::span<const ingest::worker::Worker* const> workers,
                        const config::Config::Limits& limits, const ingest::hub::HubLedger& all) {
  SeriesHealth series{.live = all.series,
                      .max = limits.series,
                      .names_max = limits.names,
                      .per_name_max = limits.series_per_name,
                      .overflowed = all.series_overflowed};
  ingest::series::OffendersView offenders;
  for (const ingest::worker::Worker* worker : workers) {
    series.names = std::max(series.names, worker->ledger().names);
    offenders.merge(*worker->offenders());
  }
  return ingest_json(sum_feeds(workers), series, offenders);
}

}  // namespace gateway::cli
