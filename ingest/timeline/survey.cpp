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

bool is_before(const query::SeriesFound& a, const query::SeriesFound& b) {
  return a.key < b.key;  // of one name: by kind, then by tags
}

}  // namespace

// ---- the catalogue ----

CatalogueSurvey::CatalogueSurvey(const Timeline& timeline, query::Where where)
    : timeline_(timeline),
      walk_(timeline, {.where = std::move(where)}),
      made_(std::make_shared<query::Catalogue>()) {}

std::shared_ptr<const query::Catalogue> CatalogueSurvey::go_on(std::size_t& steps) {
  while (steps > 0) {
    if (ends_) {
      end_name(steps);
      continue;
    }
    const Step step = walk_.step();
    if (step == Step::End) return std::move(made_);
    std::size_t cost = walk_.cost();
    if (step == Step::Series) cost += count(walk_.series());
    ends_ = step == Step::NameEnds;
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

/// Tells what was counted of each kind, then lets go of it: a map of very many values takes as long
/// to free as to read.
void CatalogueSurvey::end_name(std::size_t& steps) {
  for (std::size_t kind = 0; kind < kinds_.size(); ++kind) {
    if (!kinds_[kind]) continue;
    if (!told_) {
      if (!summary_) summary_.emplace(walk_.name(), static_cast<model::Kind>(kind));
      if (!summary_->go_on(*kinds_[kind], steps)) return;
      tell(summary_->finish(*kinds_[kind], timeline_));
    }
    if (!forget(*kinds_[kind], steps)) return;
    kinds_[kind].reset();
    told_ = false;
  }
  ends_ = false;
}

void CatalogueSurvey::tell(query::Metric metric) {
  bytes_ += kMetricBytes + metric.name.size();
  for (const query::TagKey& tag : metric.tags) {
    bytes_ += kValueBytes + tag.key.size();
    for (const query::TagValue& value : tag.values)
      bytes_ += kValueBytes + value.value.size();
  }
  made_->series += metric.series;
  made_->metrics.push_back(std::move(metric));
  summary_.reset();
  told_ = true;
}

/// Whether nothing is left.
bool CatalogueSurvey::forget(Timeline::KindStatus& status, std::size_t& steps) {
  while (!status.tags.empty()) {
    auto& values = status.tags.begin()->second;
    for (; !values.empty() && steps > 0; --steps)
      values.erase(values.begin());
    if (!values.empty()) return false;
    status.tags.erase(status.tags.begin());
  }
  return true;
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
