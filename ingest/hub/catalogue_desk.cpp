#include "ingest/hub/catalogue_desk.h"

#include <utility>

namespace ingest::hub {

void CatalogueDesk::tick(WallTime tick) {
  const bool changed = timeline_.catalogue_version() != version_;
  const bool stale = timeline_.counters().merged != merged_ && tick >= begun_ + kRefresh;
  const bool first = !std::exchange(told_, true);  // an empty one, most likely: the next may follow
  if (call_ && (first || (tick >= begun_ + kEvery && (changed || stale)))) {
    if (!first) begun_ = tick;
    version_ = timeline_.catalogue_version();
    merged_ = timeline_.counters().merged;
    builder_.begin();
  }
}

void CatalogueDesk::turn() {
  if (auto built = builder_.build(kStepsPerTurn)) call_(std::move(built));
}

}  // namespace ingest::hub
