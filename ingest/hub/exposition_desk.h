#pragma once
// ExpositionDesk: makes tables of all series for scrapes, so many steps a turn, and keeps the last
// one while it is fresh: who asks meanwhile shares it, so that scrapes cost the same however many
// ask. It must not know who asks, or the clock: the tick is an argument. Owned by the hub, on its
// thread.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "ingest/base/clock.h"
#include "ingest/query/exposition.h"
#include "ingest/timeline/exposition_survey.h"
#include "ingest/timeline/timeline.h"

namespace ingest::hub {

/// Totals since the start, and what is going on.
struct ExpositionLedger {
  std::uint64_t asked = 0;
  std::uint64_t tables = 0;      // made
  std::uint64_t waiting = 0;     // now
  std::uint64_t last_turns = 0;  // of the hub's loop, that the last table took
};

class ExpositionDesk final : public query::Exposition {
 public:
  static constexpr Millis kFresh{1'000};               // a table is made anew after it
  static constexpr std::size_t kStepsPerTurn = 2'000;  // at most some 5 ms

  /// `wake` brings the next turn(). The timeline outlives the desk.
  ExpositionDesk(timeline::Timeline& timeline, std::function<void()> wake)
      : timeline_(timeline), wake_(std::move(wake)) {}

  Id ask(Done done) override;
  void drop(Id id) override;
  void shape_timers(query::TimerShaper shaper) override;

  /// Time has come so far.
  void tick(WallTime tick);
  /// At the end of each of the hub's turns. Whether there is more to do at once.
  bool turn();
  const ExpositionLedger& ledger() const { return ledger_; }

 private:
  timeline::Timeline& timeline_;
  std::function<void()> wake_;
  WallTime now_;
  Id next_id_ = 1;
  std::vector<std::pair<Id, Done>> waiting_;
  std::optional<timeline::ExpositionSurvey> survey_;  // under way
  query::ExpositionTablePtr kept_;                    // while it is fresh
  WallTime made_;                                     // that one
  std::uint64_t turns_ = 0;
  ExpositionLedger ledger_;
};

}  // namespace ingest::hub
