#pragma once
// AnnotationLog: the events and service checks of all workers, in order of their time, and what
// each check said last. Bounded by number and by age, each end counted. Owned by the hub, on its
// thread; it must not know workers, clocks or who reads it.
//
//   take() ... take() -> tick(now) -> a new query::Annotations, when something changed
//
// A check repeats itself all day: it enters the log whenever its status changes, and with its first
// word if that is not ok; what else it says only stands as its last word.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "ingest/base/clock.h"
#include "ingest/query/annotations.h"

namespace ingest::hub {

/// kept + unchanged + outdated + late is what came; kept is what is there + aged + evicted.
struct AnnotationLedger {
  std::uint64_t kept = 0;            // entered the log
  std::uint64_t unchanged = 0;       // a check whose status is what it was, or ok from the start
  std::uint64_t outdated = 0;        // a check older than its last word, dropped
  std::uint64_t late = 0;            // dropped: older than what is kept
  std::uint64_t aged = 0;            // left the log: retention.annotations
  std::uint64_t evicted = 0;         // left the log, oldest first: limits.annotations
  std::uint64_t checks_evicted = 0;  // checks forgotten, longest silent first, past kChecksMax
  std::uint64_t held = 0;            // now, in the log
  std::uint64_t checks = 0;          // now
  std::uint64_t bytes = 0;           // now, about: both, and the keys of checks
};

class AnnotationLog {
 public:
  struct Options {
    std::size_t count_max = 2'000;
    Millis retention{86'400'000};
  };
  static constexpr std::size_t kChecksMax = 1'000;  // by name, host and tags

  explicit AnnotationLog(const Options& options) : options_(options) {}

  void take(model::KeptAnnotationPtr annotation);
  /// Forgets what is too old at `now`. What there is, when that is not what the last call gave;
  /// else null.
  std::shared_ptr<const query::Annotations> tick(WallTime now);

  const AnnotationLedger& ledger() const { return ledger_; }
  /// The most that what a check is known by can take, besides its last word.
  static std::size_t key_bytes_max();

 private:
  /// Name, host and tags, which are sorted: what tells two checks apart.
  using CheckKey = std::tuple<std::string, std::string, std::vector<model::KeptTag>>;
  using ByTime = std::multimap<WallTime, const CheckKey*>;  // of checks_
  struct Check {
    model::KeptAnnotationPtr last;
    ByTime::iterator at;
  };

  /// Whether it is news for the log.
  bool take_check(const model::KeptAnnotationPtr& check);
  void forget_longest_silent_check();
  void enter(model::KeptAnnotationPtr annotation);
  void drop_oldest(std::uint64_t& counted);

  Options options_;
  std::deque<query::NumberedAnnotation> log_;  // by time, then id
  std::map<CheckKey, Check> checks_;
  ByTime checks_by_time_;              // of their last words
  WallTime oldest_ = WallTime::min();  // what is before is late
  std::uint64_t newest_ = 0;
  bool changed_ = false;
  AnnotationLedger ledger_;
};

}  // namespace ingest::hub
