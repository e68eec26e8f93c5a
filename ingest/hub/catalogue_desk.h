#pragma once
// CatalogueDesk: when a new catalogue is made, a slice at each turn, and who is given it. It must
// not know where it goes from there, or the clock: the tick is an argument. Owned by the hub, on
// its thread.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include "ingest/base/clock.h"
#include "ingest/query/catalogue.h"
#include "ingest/timeline/catalogue_builder.h"
#include "ingest/timeline/timeline.h"

namespace ingest::hub {

class CatalogueDesk {
 public:
  using Call = std::function<void(std::shared_ptr<const query::Catalogue>)>;
  static constexpr Millis kEvery{1'000};     // at most so often
  static constexpr Millis kRefresh{10'000};  // for last_seen, when nothing else changed
  static constexpr std::size_t kStepsPerTurn = 20'000;

  /// The timeline outlives the desk.
  explicit CatalogueDesk(const timeline::Timeline& timeline)
      : timeline_(timeline), builder_(timeline) {}

  /// Without, none is made.
  void on_catalogue(Call call) { call_ = std::move(call); }
  /// Begins one at the first tick, and when there is news and it is time.
  void tick(WallTime tick);
  /// Goes on with the one that was begun, and gives it when it is whole.
  void turn();
  bool building() const { return builder_.building(); }

 private:
  const timeline::Timeline& timeline_;
  timeline::CatalogueBuilder builder_;
  Call call_;
  bool told_ = false;                 // whoever waits for the first one knows that time passes
  WallTime begun_ = WallTime::min();  // the last one
  std::uint64_t version_ = 0;         // of the timeline, then
  std::uint64_t merged_ = 0;          // the same
};

}  // namespace ingest::hub
