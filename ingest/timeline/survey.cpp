#include "ingest/timeline/survey.h"

#include <algorithm>
#include <utility>

namespace ingest::timeline {
namespace {

using Step = SeriesWalk::Step;

// A metric, a key and a value in a catalogue, about.
constexpr std::size_t kMetricBytes = 160;
constexpr std::size_t kValueBytes = 96;

WallTime last_seen(PaneNumber newest, const Timeline& timeline) {
  return std::min(timeline.grid().end(newest), timeline.finished());
}

// The kCatalogueValuesMax values with the most series.
query::TagKey tag_key(const std::string& key,
                      const std::map<std::string, std::uint64_t, std::less<>>& values) {
  query::TagKey tag{key, {}};
  tag.values.reserve(values.size());
  for (const auto& [value, series] : values)
    tag.values.push_back({value, series});
  const auto before = [](const query::TagValue& a, const query::TagValue& b) {
    return a.series != b.series ? a.series > b.series : a.value < b.value;
  };
  const std::size_t kept = std::min(tag.values.size(), query::kCatalogueValuesMax);
  std::ranges::partial_sort(tag.values, tag.values.begin() + static_cast<std::ptrdiff_t>(kept),
                            before);
  tag.values.resize(kept);
  return tag;
}

bool is_before(const query::SeriesFound& a, const query::SeriesFound& b) {
  return a.key < b.key;  // of one name: by kind, then by tags
}

}  // namespace

query::Metric metric_of(const std::string& name, model::Kind kind,
                        const Timeline::KindStatus& status, const Timeline& timeline) {
  query::Metric metric;
  metric.name = name;
  metric.kind = kind;
  metric.series = status.live;
  metric.last_seen = last_seen(status.newest, timeline);
  for (const auto& [key, values] : status.tags)
    metric.tags.push_back(tag_key(key, values));
  return metric;
}

// ---- the catalogue ----

CatalogueSurvey::CatalogueSurvey(const Timeline& timeline, query::Where where)
    : timeline_(timeline),
      walk_(timeline, {.where = std::move(where)}),
      made_(std::make_shared<query::Catalogue>()) {}

std::shared_ptr<const query::Catalogue> CatalogueSurvey::go_on(std::size_t& steps) {
  while (steps > 0) {
    const Step step = walk_.step();
    if (step == Step::End) return std::move(made_);
    std::size_t cost = walk_.cost();
    if (step == Step::Series) cost += count(walk_.series());
    if (step == Step::NameEnds) end_name();
    steps -= std::min(steps, cost);
  }
  return nullptr;
}

std::size_t CatalogueSurvey::count(const Timeline::Series& series) {
  auto& kind = kinds_[static_cast<std::size_t>(series.key.kind())];
  if (!kind) kind.emplace();
  ++kind->live;
  kind->newest = std::max(kind->newest, series.newest);
  const std::vector<model::TagView> tags = series.key.tags();
  for (const model::TagView& tag : tags) {
    auto key = kind->tags.find(tag.key);
    if (key == kind->tags.end()) key = kind->tags.try_emplace(std::string{tag.key}).first;
    auto value = key->second.find(tag.value);
    if (value == key->second.end()) value = key->second.try_emplace(std::string{tag.value}).first;
    ++value->second;
  }
  return tags.size();
}

void CatalogueSurvey::end_name() {
  for (std::size_t kind = 0; kind < kinds_.size(); ++kind) {
    if (!kinds_[kind]) continue;
    query::Metric metric =
        metric_of(walk_.name(), static_cast<model::Kind>(kind), *kinds_[kind], timeline_);
    bytes_ += kMetricBytes + metric.name.size();
    for (const query::TagKey& tag : metric.tags) {
      bytes_ += kValueBytes + tag.key.size();
      for (const query::TagValue& value : tag.values)
        bytes_ += kValueBytes + value.value.size();
    }
    made_->series += metric.series;
    made_->metrics.push_back(std::move(metric));
    kinds_[kind].reset();
  }
}

// ---- series ----

SeriesSurvey::SeriesSurvey(const Timeline& timeline, const query::SeriesAsk& ask,
                           query::Where where)
    : timeline_(timeline),
      after_(query::read_place(ask.after)),
      limit_(ask.limit),
      walk_(timeline, {.where = std::move(where),
                       .metric = ask.metric,
                       .from = after_ ? std::string{after_->name()} : std::string{}}) {}

std::optional<query::SeriesPage> SeriesSurvey::go_on(std::size_t& steps) {
  while (steps > 0) {
    const Step step = walk_.step();
    if (step == Step::End) return std::move(page_);
    if (step == Step::Series) take(walk_.series());
    if (step == Step::NameEnds && end_name()) return std::move(page_);
    steps -= std::min(steps, walk_.cost());
  }
  return std::nullopt;
}

/// Of each name no more than the page still takes, and one that says whether there are more.
void SeriesSurvey::take(const Timeline::Series& series) {
  if (after_ && !after_->is_before(series.key)) return;
  const std::size_t room = limit_ - page_.items.size() + 1;
  if (first_.size() == room) {
    if (!(series.key < first_.front().key)) return;
    std::ranges::pop_heap(first_, is_before);
    first_.pop_back();
  }
  first_.push_back({series.key, last_seen(series.newest, timeline_)});
  std::ranges::push_heap(first_, is_before);
}

/// Whether the page is full.
bool SeriesSurvey::end_name() {
  std::ranges::sort_heap(first_, is_before);
  for (query::SeriesFound& found : std::exchange(first_, {})) {
    if (page_.items.size() == limit_ || bytes_ >= query::kSeriesPageBytes) {
      page_.next = query::place_text(page_.items.back().key);
      return true;
    }
    bytes_ += found.key.bytes().size();
    page_.items.push_back(std::move(found));
  }
  return false;
}

}  // namespace ingest::timeline
