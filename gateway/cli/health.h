#pragma once
// Health: the member `ingest` of GET /api/v1/status: the three ledgers of each feed, and how near
// series are to their caps. Pure text from what was read before.
//
//   {"feeds":[{"name":"udp/statsd","address":"127.0.0.1:8125","bytes":0,
//      "datagrams":{"offered":0,"received":0,"kernel_dropped":0,"lower_bound":false},
//      "connections":{"open":0,"opened":0,"closed":0,"idle":0,"denied":0,"refused":0},
//      "lines":{"received":0,"accepted":0,"rejected":0,"reasons":{"bad_value":0},
//               "ignored":{"blank":0,"comment":0,"annotation":0},
//               "cut":{"truncated":0,"tcp_tail":0}},
//      "samples":{"produced":0,"own":0,"overflow":0,"late":0,"future":0,
//                 "limited":{"rate":0,"source":0},"late_folded":0}}],
//    "series":{"live":0,"max":0,"names":0,"names_max":0,"per_name_max":0,"overflowed":0},
//    "offenders":{"names":[{"name":"a","cap":"series","samples":0,"error":0,"tag":"user",
//                           "tag_values":0}],
//                 "sources":[{"address":"192.0.2.1","offence":"rate","samples":0,"error":0}]},
//    "host":{"sources_missing":0,"devices_folded":0}}
//
// `series.overflowed` are series that ran into a cap of all workers together, limits.memory among
// them. `datagrams`, `connections` and `lines` are there where the feed has such; `reasons` holds
// those that are not 0. `host` is there where this machine is read.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "gateway/cli/feed_sums.h"
#include "gateway/config/config.h"
#include "ingest/hub/hub.h"
#include "ingest/worker/worker.h"

namespace gateway::cli {

struct SeriesHealth {
  std::uint64_t live = 0;
  std::uint64_t max = 0;
  std::uint64_t names = 0;  // of the worker that knows most of them
  std::uint64_t names_max = 0;
  std::uint64_t per_name_max = 0;
  std::uint64_t overflowed = 0;  // born past a cap of all workers together
};

constexpr std::size_t kOffendersMax = 20;

std::string ingest_json(std::span<const FeedSums> feeds, const SeriesHealth& series,
                        const ingest::series::OffendersView& offenders);

/// The same of all workers, as they stand.
std::string ingest_json(std::span<const ingest::worker::Worker* const> workers,
                        const config::Config::Limits& limits, const ingest::hub::HubLedger& all);

}  // namespace gateway::cli
