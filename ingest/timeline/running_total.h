#pragma once
// RunningTotal: what a series has come to since it was first heard of, in constant memory: a
// counter's total, a gauge's value, how many events a timer had, their sum, and how many of them
// fell into each bucket of its histogram. Panes are added as they close, each once, ascending.
// Pure; owned by the PaneStore, one for each series, on the hub's thread.

#include <memory>
#include <vector>

#include "ingest/model/partial.h"
#include "ingest/query/exposition.h"

namespace ingest::timeline {

/// What a scrape is told.
struct ToldTotal {
  double value = 0;  // as in ExpositionRow
  double count = 0;
  std::vector<double> at_most{};  // each bound of a histogram
};

class RunningTotal {
 public:
  /// A timer is counted from its first shape on, and anew where the bounds of a histogram change.
  void shape(query::TimerShapePtr shape);
  /// Null: it was never given one.
  query::TimerShapePtr shape() const { return timer_ ? timer_->shape : nullptr; }
  void add(const model::Partial& pane);
  /// With the panes that are not closed yet: each_open(add) calls add(partial) for each, ascending.
  /// A counter whose samples went down stays what it was told as until it is above that again: a
  /// scraper takes a fall for a restart.
  template <class EachOpen>
  void tell(model::Kind kind, const EachOpen& each_open, ToldTotal& told) {
    RunningTotal now = copy();
    each_open([&now](const model::Partial& pane) { now.add(pane); });
    if (kind == model::Kind::Counter) raise(now);
    (kind == model::Kind::Counter ? *this : now).write(told);
  }

 private:
  struct OfTimer {
    query::TimerShapePtr shape;
    double weight = 0;            // of all events, in units of model::Weight
    std::vector<double> buckets;  // of the events in each; the last one (+Inf) left out
  };
  RunningTotal copy() const;
  void raise(const RunningTotal& now);
  void write(ToldTotal& told) const;
  void add_timer(const model::TimerPartial& pane);

  model::CompensatedSum sum_;  // of a counter and a timer
  double told_ = 0;            // of a counter the most that was told; a gauge's value
  std::unique_ptr<OfTimer> timer_;
};

}  // namespace ingest::timeline
