#include "ingest/series/source_book.h"

#include <algorithm>
#include <utility>

#include "ingest/base/check.h"

namespace ingest::series {
namespace {

constexpr IpAddress kNobody{};

TokenBucket::Rule rate_rule(const SourceRule& rule) {
  return {.per_second = rule.rate, .burst = rule.rate};
}

}  // namespace

SourceBook::SourceBook(const Options& options)
    : series_rule_{.per_second = options.new_series_per_source,
                   .burst = options.new_series_per_source * kSeriesBurstSeconds} {
  CHECK(options.new_series_per_source <= kNewSeriesMax);
  add_rule({});  // of kFeedItself
  CHECK(places_[kFeedItself].seen.rule == 0);
}

SourceBook::~SourceBook() = default;

SourceBook::RuleIndex SourceBook::add_rule(SourceRule rule) {
  CHECK(rules_.size() < kRulesMax && rule.rate <= TokenBucket::kTokensMax);
  const auto index = static_cast<RuleIndex>(rules_.size());
  rules_.push_back({.rule = std::move(rule)});
  rules_.back().crowd = add_crowd(index, true);
  rules_.back().strangers = add_crowd(index, false);
  return index;
}

SourceBook::Index SourceBook::add_crowd(RuleIndex rule, bool allowed) {
  const auto index = static_cast<Index>(places_.size());
  places_.emplace_back();
  begin(index, {.rule = rule, .allowed = allowed, .crowd = true});
  return index;
}

void SourceBook::begin(Index index, const Source& source) {
  places_[index] = {.seen = source,
                    .samples = {rate_rule(rules_[source.rule].rule), source.heard},
                    .series = {series_rule_, source.heard}};
}

// ---- who it is ----

bool SourceBook::allows(RuleIndex rule, const IpAddress& sender) const {
  const std::vector<Network>& allow = rules_[rule].rule.allow;
  return allow.empty() || sender == kNobody || any_contains(allow, sender);
}

SourceBook::Index SourceBook::index_of(RuleIndex rule, const IpAddress& sender, MonoTime now) {
  now_ = std::max(now_, now);
  // By the address as it is: two of one /64 may differ in what the allow-list says.
  const bool allowed = allows(rule, sender);
  const Key key{.host = host_of(sender), .rule = rule, .allowed = allowed};
  if (last_ == kNone || key != last_key_) {
    const auto found = by_key_.find(key);
    last_ = found != by_key_.end() ? found->second : add(key);
    last_key_ = key;
  }
  const Index index = last_;
  if (places_[index].seen.crowd) {
    ++counts_.crowded;
    last_ = kNone;  // perhaps there is room for it next time
  } else if (places_[index].seen.heard != now_) {
    Shelf& shelf = shelf_of(places_[index].seen);
    unlink(shelf, index);
    link(shelf, index);
  }
  places_[index].seen.heard = now_;
  return index;
}

SourceBook::Index SourceBook::add(const Key& key) {
  Shelf& shelf = key.allowed ? known_ : strangers_;
  Index index = static_cast<Index>(places_.size());
  if (shelf.size < shelf.max) {
    places_.emplace_back();
  } else {
    index = shelf.earliest;
    const Source& silent = places_[index].seen;
    if (now_ - silent.heard < kSilence) {
      return key.allowed ? rules_[key.rule].crowd : rules_[key.rule].strangers;
    }
    unlink(shelf, index);
    by_key_.erase({.host = silent.host, .rule = silent.rule, .allowed = silent.allowed});
    ++counts_.forgotten;
  }
  begin(index, {.host = key.host, .rule = key.rule, .allowed = key.allowed, .heard = now_});
  link(shelf, index);
  by_key_.emplace(key, index);
  counts_.sources = by_key_.size();
  return index;
}

void SourceBook::link(Shelf& shelf, Index index) {
  Place& place = places_[index];
  place.before = kNone;
  place.after = std::exchange(shelf.latest, index);
  (place.after == kNone ? shelf.earliest : places_[place.after].before) = index;
  ++shelf.size;
}

void SourceBook::unlink(Shelf& shelf, Index index) {
  const Place& place = places_[index];
  (place.before == kNone ? shelf.latest : places_[place.before].after) = place.after;
  (place.after == kNone ? shelf.earliest : places_[place.after].before) = place.before;
  --shelf.size;
}

// ---- what it may do ----

SourceBook::Admitted SourceBook::admit(Index source, std::size_t count, MonoTime now) {
  now_ = std::max(now_, now);
  Place& place = places_[source];
  place.seen.samples += count;
  Admitted admitted{.count = count, .limit = Limit::None};
  if (!place.seen.allowed) {
    admitted = {.count = 0, .limit = Limit::Source};
  } else if (const SourceRule& rule = rules_[place.seen.rule].rule; rule.rate != 0) {
    if (rule.past_rate == PastRate::Owed) {
      const std::uint64_t debt_max =
          place.seen.crowd ? rule.rate * kCrowdDebtSeconds : TokenBucket::kTokensMax;
      place.samples.owe(count, debt_max, rate_rule(rule), now_);
      return admitted;
    }
    admitted.count = place.samples.take(count, rate_rule(rule), now_);
    if (admitted.count < count) admitted.limit = Limit::Rate;
  }
  place.seen.limited += count - admitted.count;
  return admitted;
}

std::chrono::nanoseconds SourceBook::wait(Index source, MonoTime now) {
  now_ = std::max(now_, now);
  Place& place = places_[source];
  const SourceRule& rule = rules_[place.seen.rule].rule;
  if (rule.rate == 0 || rule.past_rate != PastRate::Owed) return {};
  return place.samples.wait(rate_rule(rule), now_);
}

bool SourceBook::admit_series(Index source) {
  Place& place = places_[source];
  const bool unlimited = source == kFeedItself || series_rule_.per_second == 0;
  if (!unlimited && place.series.take(1, series_rule_, now_) == 0) return false;
  ++place.seen.new_series;
  return true;
}

}  // namespace ingest::series
