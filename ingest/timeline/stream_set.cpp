#include "ingest/timeline/stream_set.h"

#include <algorithm>

#include "ingest/timeline/known_kinds.h"

namespace ingest::timeline {
namespace {

Failure<query::Fault> fault(query::Code code, std::string msg) {
  return Failure{query::Fault{code, std::move(msg)}};
}

}  // namespace

StreamSet::StreamSet(const Options& options, Timeline& timeline)
    : options_(options), timeline_(timeline) {
  timeline.observe(*this);
}

Result<query::StreamId, query::Fault> StreamSet::watch(const query::Query& query) {
  const Millis pane = timeline_.grid().pane;
  if (query.slide < pane || query.slide % pane != Millis{0} ||
      query.window % query.slide != Millis{0} || query.window < query.slide) {
    return fault(query::Code::QueryBadWindow, "window, slide: do not fit the pane");
  }
  if (streams_.size() >= options_.streams_max) {
    return Failure{query::Fault{query::Code::LimitStreams,
                                "more than " + std::to_string(options_.streams_max) +
                                    " different queries are watched (limits.streams)",
                                true}};
  }
  if (sums_gauges_only(query)) {
    return fault(query::Code::QueryUnknownStat,
                 "stats: sum of gauges says nothing; take last, which is the sum over series");
  }
  query::Selector selector = TRY(query::Selector::compile(query));
  const query::StreamId id = next_id_++;
  const Timeline::Options& time = timeline_.options();
  const Stream::Options options{
      id, time.pane, time.allowed_lateness, time.series_ttl, options_.rows_max, rollups()};
  Entry entry;
  entry.stream =
      std::make_unique<Stream>(options, query, std::move(selector), timeline_.finished());
  entry.end = static_cast<SeriesIndex>(timeline_.indexes());
  if (!query.is_glob()) {
    const auto name = timeline_.names().find(query.metric);
    if (name != timeline_.names().end()) entry.candidates = name->second.series;
    entry.end = static_cast<SeriesIndex>(entry.candidates.size());
  }
  streams_.emplace(id, std::move(entry));
  ++building_;
  return id;
}

// Panes in each roll-up; 0 where the pane does not divide it.
JoinedPanes::Sizes StreamSet::rollups() const {
  const Millis pane = timeline_.grid().pane;
  JoinedPanes::Sizes sizes{1, 0, 0};
  for (const Rollup level : {Rollup::Ten, Rollup::Sixty}) {
    const Millis length = timeline_.grid(level).pane;
    if (length % pane == Millis{0}) sizes[static_cast<std::size_t>(level)] = length / pane;
  }
  return sizes;
}

bool StreamSet::sums_gauges_only(const query::Query& query) const {
  const auto is_sum = [](const query::Stat& stat) { return stat.name == query::Stat::Name::Sum; };
  if (query.is_glob() || std::ranges::none_of(query.stats, is_sum)) return false;
  const Kinds kinds = known_kinds(timeline_, query);
  return kinds.count() == 1 && kinds[static_cast<std::size_t>(model::Kind::Gauge)];
}

void StreamSet::unwatch(query::StreamId id) {
  const auto found = streams_.find(id);
  if (found == streams_.end()) return;
  if (!found->second.built) --building_;
  leaving_.push_back(std::move(found->second.stream));
  streams_.erase(found);
}

// Its series may be very many: they tell it what comes until they are let go.
std::size_t StreamSet::take_apart(std::size_t steps) {
  std::size_t done = 0;
  while (!leaving_.empty() && done < steps) {
    Stream& stream = *leaving_.front();
    const std::size_t took =
        stream.take_apart(steps - done, [&](SeriesIndex series) { let_go(series, stream); });
    if (took == 0) leaving_.pop_front();
    done += took;
  }
  return done;
}

void StreamSet::let_go(SeriesIndex series, const Stream& stream) {
  std::erase_if(watchers_[series],
                [&](const Watcher& watcher) { return watcher.stream == &stream; });
}

bool StreamSet::build(std::size_t steps) {
  std::size_t done = take_apart(steps);
  if (done >= steps) return true;
  for (auto& [id, entry] : streams_) {
    if (entry.built) continue;
    while (entry.next < entry.end && done < steps) {
      const SeriesIndex next = entry.next++;
      done += consider(entry, entry.candidates.empty() ? next : entry.candidates[next]);
    }
    if (entry.next < entry.end) return true;
    if (entry.stream->settle(steps - std::min(done, steps))) return true;
    entry.built = true;
    entry.candidates = {};
    entry.joined = {};
    entry.counted = {};
    --building_;
  }
  return false;
}

// A series joins a stream that wants it and does not have it. How much was looked at.
std::size_t StreamSet::consider(Entry& entry, SeriesIndex index) {
  const Timeline::Series* series = timeline_.series(index);
  const std::size_t steps = entry.stream->steps_to_look();
  if (series == nullptr || !entry.stream->wants(series->key)) return steps;
  if (entry.built) return steps + join(entry, index, *series);
  if (entry.joined.size() <= index) {
    entry.joined.resize(timeline_.indexes());
    entry.counted.resize(timeline_.indexes());
  }
  if (entry.joined[index]) return steps;
  return steps + (series->past ? count_past(entry, index, *series) : join(entry, index, *series));
}

std::size_t StreamSet::join(Entry& entry, SeriesIndex index, const Timeline::Series& series) {
  if (series.past) return 0;  // nothing of it counts in a stream that stands
  if (watchers_.size() <= index) watchers_.resize(timeline_.indexes());
  // What a stream that stands knows of a series, it counted when the series was there before.
  const auto has = entry.built || entry.counted[index] ? Stream::Has::Counted : Stream::Has::New;
  const Stream::Joined joined = entry.stream->join(index, series, timeline_.panes(index), has);
  watchers_[index].push_back({entry.stream.get(), joined.member});
  if (!entry.built) entry.joined[index] = true;
  return joined.steps;
}

// Of a series that is gone but for its roll-ups: these count, and it becomes no member.
std::size_t StreamSet::count_past(Entry& entry, SeriesIndex index, const Timeline::Series& series) {
  if (series.newest < entry.stream->first_kept() || entry.counted[index]) return 0;
  const Stream::Joined joined =
      entry.stream->join(index, series, timeline_.panes(index), Stream::Has::New);
  entry.stream->forget(joined.member);
  entry.counted[index] = true;
  return joined.steps;
}

void StreamSet::finish(WallTime tick, query::UpdateSink& sink) {
  for (auto& [id, entry] : streams_) {
    if (entry.built) entry.stream->finish(tick, sink);
  }
}

std::size_t StreamSet::rows() const {
  std::size_t rows = 0;
  for (const auto& [id, entry] : streams_)
    rows += entry.stream->rows();
  return rows;
}

std::size_t StreamSet::overflowed() const {
  std::size_t series = 0;
  for (const auto& [id, entry] : streams_)
    series += entry.stream->overflowed();
  return series;
}

std::size_t StreamSet::held_bytes() const {
  std::size_t bytes = watchers_.capacity() * sizeof(decltype(watchers_)::value_type);
  for (const auto& [id, entry] : streams_)
    bytes += entry.stream->held_bytes();
  for (const auto& stream : leaving_)
    bytes += stream->held_bytes();
  return bytes;
}

query::Query StreamSet::keyed(query::Query query) const {
  if (!query::mixes_kinds(query) || known_kinds(timeline_, query).count() < 2) return query;
  return query::keyed_by_kind(std::move(query));
}

std::vector<std::string> StreamSet::globs() const {
  std::vector<std::string> globs;
  globs.reserve(streams_.size());
  for (const auto& [id, entry] : streams_)
    globs.push_back(entry.stream->query().metric);
  std::ranges::sort(globs);
  globs.erase(std::unique(globs.begin(), globs.end()), globs.end());
  return globs;
}

// ---- what happens to series ----

void StreamSet::added(SeriesIndex series) {
  for (auto& [id, entry] : streams_)
    consider(entry, series);
}

void StreamSet::expired(SeriesIndex series) {
  if (series >= watchers_.size()) return;
  for (const Watcher& watcher : watchers_[series])
    watcher.stream->expire(watcher.member);
}

void StreamSet::revived(SeriesIndex series) {
  if (series >= watchers_.size()) return;
  for (const Watcher& watcher : watchers_[series])
    watcher.stream->revive(watcher.member);
}

void StreamSet::forgotten(SeriesIndex series) {
  if (series >= watchers_.size()) return;
  for (const Watcher& watcher : watchers_[series])
    watcher.stream->forget(watcher.member);
  watchers_[series] = {};
  if (building_ == 0) return;
  for (auto& [id, entry] : streams_) {
    if (entry.built || series >= entry.joined.size() || !entry.joined[series]) continue;
    entry.joined[series] = false;
    entry.counted[series] = true;
  }
}

void StreamSet::changed(SeriesIndex series, PaneNumber pane, const model::Partial& change) {
  if (series >= watchers_.size()) return;
  for (const Watcher& watcher : watchers_[series])
    watcher.stream->change(watcher.member, pane, change);
}

}  // namespace ingest::timeline
