#pragma once
// catalogue_json: what there is to ask for, as JSON text, for whoever wants to know: `meta` over a
// WebSocket and GET /api/v1/metrics and /api/v1/tags. Pure functions of the immutable catalogue
// that the hub swaps in once a second; any thread.
//
// Both give the members of an object, without its braces: "items":[...],"next":null

#include <cstddef>
#include <cstdint>
#include <string>

#include "ingest/base/result.h"
#include "ingest/query/catalogue.h"
#include "ingest/query/discovery.h"
#include "ingest/query/fault.h"

namespace gateway::publish {

constexpr std::size_t kListDefault = 200;  // items of one answer where no limit is named
constexpr std::size_t kListMax = 1'000;    // and the most that may be asked for

struct CatalogueList {
  std::string match;  // a glob; empty: everything
  std::string after;  // `next` of the answer before
  std::uint64_t limit = kListDefault;
};
/// "items":[{"name","kind","series","last_seen"}],"next":null. 6004 for a bad limit, 2002 for a
/// glob longer than a name may be.
ingest::Result<std::string, ingest::query::Fault> metrics_text(
    const ingest::query::Catalogue& catalogue, const CatalogueList& list);

struct CatalogueTags {
  std::string metric;  // a name or a glob
};
/// All kinds together: "items":[{"key","values":[{"value","series"}]}],"next":null. At most
/// kTagMetricsMax metrics are looked at; 6004 without a metric.
constexpr std::size_t kTagMetricsMax = 1'000;
ingest::Result<std::string, ingest::query::Fault> tags_text(
    const ingest::query::Catalogue& catalogue, const CatalogueTags& tags);

/// "items":[{"name","kind","tags":{},"last_seen"}],"next":null
std::string series_text(const ingest::query::SeriesPage& page);

}  // namespace gateway::publish
