#include "ingest/timeline/known_kinds.h"

#include <algorithm>

#include "ingest/query/where.h"

namespace ingest::timeline {
namespace {

/// Of all that live.
Kinds kinds_of(const Timeline::Name& name) {
  Kinds kinds;
  for (std::size_t kind = 0; kind < name.kinds.size(); ++kind)
    kinds[kind] = name.kinds[kind] != nullptr && name.kinds[kind]->live > 0;
  return kinds;
}

}  // namespace

Kinds known_kinds(const Timeline& timeline, const query::Query& query) {
  const auto name = timeline.names().find(query.metric);
  if (name == timeline.names().end()) return {};
  const Kinds all = kinds_of(name->second);
  if (query.where.empty() || all.none()) return all;
  const auto where = query::Where::compile(query.where);
  if (!where) return {};
  Kinds seen;
  std::size_t steps = 0;
  for (const SeriesIndex index : name->second.series) {
    steps += where->steps();
    if (seen == all || steps > kKindsStepsMax) break;
    const Timeline::Series& series = *timeline.series(index);
    const auto kind = static_cast<std::size_t>(series.key.kind());
    if (series.live && !seen[kind]) seen[kind] = where->holds(series.key);
  }
  return seen;
}

}  // namespace ingest::timeline
