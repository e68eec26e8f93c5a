#include "ingest/hub/exposition_desk.h"

namespace ingest::hub {

ExpositionDesk::Id ExpositionDesk::ask(Done done) {
  ++ledger_.asked;
  waiting_.emplace_back(next_id_, std::move(done));
  ledger_.waiting = waiting_.size();
  wake_();
  return next_id_++;
}

void ExpositionDesk::drop(Id id) {
  std::erase_if(waiting_, [id](const auto& one) { return one.first == id; });
  ledger_.waiting = waiting_.size();
  if (waiting_.empty()) survey_.reset();
}

// What was told in another shape is not told again.
void ExpositionDesk::shape_timers(query::TimerShaper shaper) {
  timeline_.shape_timers(std::move(shaper));
  kept_.reset();
  survey_.reset();
  if (!waiting_.empty()) wake_();
}

// A table of which nobody may have another copy goes when it is no longer fresh.
void ExpositionDesk::tick(WallTime tick) {
  now_ = tick;
  if (now_ - made_ >= kFresh) kept_.reset();
}

bool ExpositionDesk::turn() {
  if (waiting_.empty()) return false;
  if (kept_ == nullptr) {
    if (!survey_) {
      survey_.emplace(timeline_);
      turns_ = 0;
    }
    ++turns_;
    std::size_t steps = kStepsPerTurn;
    kept_ = survey_->go_on(steps);
    if (kept_ == nullptr) return true;
    survey_.reset();
    made_ = now_;
    ++ledger_.tables;
    ledger_.last_turns = turns_;
  }
  const query::ExpositionTablePtr table = kept_;
  ledger_.waiting = 0;
  for (auto& [id, done] : std::exchange(waiting_, {}))
    done(table);
  return !waiting_.empty();
}

}  // namespace ingest::hub
