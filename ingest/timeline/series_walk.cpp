#include "ingest/timeline/series_walk.h"

#include <algorithm>
#include <utility>

namespace ingest::timeline {

SeriesWalk::SeriesWalk(const Timeline& timeline, Wanted wanted)
    : timeline_(timeline), wanted_(std::move(wanted)) {
  if (wanted_.metric.empty()) return;
  glob_.emplace(wanted_.metric);
  prefix_ = wanted_.metric.substr(0, wanted_.metric.find_first_of("*?"));
}

SeriesWalk::Step SeriesWalk::enter_next_name() {
  const Timeline::Names& names = timeline_.names();
  const auto next =
      began_
          ? names.upper_bound(name_)
          : names.lower_bound(std::max(std::string_view{wanted_.from}, std::string_view{prefix_}));
  if (next == names.end() || !next->first.starts_with(prefix_)) return Step::End;
  name_ = next->first;
  began_ = true;
  if (glob_ && !glob_->matches(name_)) return Step::Passed;
  candidates_ = next->second.series;
  next_ = 0;
  inside_ = true;
  return Step::Passed;
}

SeriesWalk::Step SeriesWalk::step() {
  if (!inside_) return enter_next_name();
  if (next_ == candidates_.size()) {
    inside_ = false;
    return Step::NameEnds;
  }
  const SeriesIndex index = candidates_[next_++];
  series_ = index < timeline_.indexes() ? timeline_.series(index) : nullptr;
  // Its place may be another's by now.
  const bool wanted = series_ != nullptr && series_->live && series_->key.name() == name_ &&
                      wanted_.where.holds(series_->key);
  return wanted ? Step::Series : Step::Passed;
}

}  // namespace ingest::timeline
