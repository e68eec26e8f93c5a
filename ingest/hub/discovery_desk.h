#pragma once
// DiscoveryDesk: answers what there is to ask for, for who sees a part of it: surveys of the
// timeline, so many steps a turn, and the catalogues that they came to, kept while they are fresh.
// It must not know who asks, or the clock: the tick is an argument. Owned by the hub, on its
// thread.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "ingest/base/clock.h"
#include "ingest/query/discovery.h"
#include "ingest/timeline/survey.h"
#include "ingest/timeline/timeline.h"

namespace ingest::hub {

/// Totals since the start, and what is going on.
struct DiscoveryLedger {
  std::uint64_t asked = 0;
  std::uint64_t answered = 0;
  std::uint64_t refused = 0;  // of the answered: too many at once
  std::uint64_t dropped = 0;  // nobody waited any more
  std::uint64_t surveys = 0;  // begun
  std::uint64_t in_line = 0;  // surveys, now
  std::uint64_t waiting = 0;  // now
  std::uint64_t bytes = 0;    // of catalogues that are kept
};

class DiscoveryDesk final : public query::Discovery {
 public:
  static constexpr Millis kFresh{1'000};  // a catalogue is made anew after it
  static constexpr Millis kSame{10'000};  // or after it, when only last_seen can have changed, or
                                          // for who wants a recent one
  static constexpr std::size_t kAtOnceMax = 4;  // the others stand in line
  static constexpr std::size_t kCataloguesMax = 64;
  static constexpr std::size_t kCataloguesBytesMax = std::size_t{64} << 20;
  static constexpr std::size_t kStepsPerTurn = 4'000;  // at most some 5 ms

  /// `wake` brings the next turn(). The timeline outlives the desk. Above `surveys_max` at once
  /// (limits.surveys) further ones are ServerOverloaded; so are those of one part of the series
  /// that would take more room than they leave, so that there is always some for who sees another.
  DiscoveryDesk(const timeline::Timeline& timeline, std::function<void()> wake,
                std::size_t surveys_max = 256)
      : timeline_(timeline), wake_(std::move(wake)), surveys_max_(surveys_max) {}

  Id ask(query::DiscoveryAsk ask, Done done) override;
  void drop(Id id) override;

  /// Time has come so far.
  void tick(WallTime tick) { now_ = tick; }
  /// At the end of each of the hub's turns. Whether there is more to do at once.
  bool turn();
  const DiscoveryLedger& ledger() const { return ledger_; }

 private:
  struct Waiter {
    Id id = 0;
    Done done;
  };
  struct Job {
    std::string where;  // of a catalogue: its matchers' text
    std::string whose;  // the text of the bounds of who asks
    std::variant<timeline::CatalogueSurvey, timeline::SeriesSurvey> survey;
    std::vector<Waiter> waiters;
    std::uint64_t version = 0;  // of the timeline, when it began
    std::uint64_t round = 0;    // in each of them everybody has one
  };
  struct Kept {
    std::string where;
    std::shared_ptr<const query::Catalogue> catalogue;
    std::uint64_t version = 0;
    WallTime made;
    std::size_t bytes = 0;
  };
  void pose(const query::CatalogueAsk& ask, Waiter waiter);
  void pose(const query::SeriesAsk& ask, Waiter waiter);
  void begin(Job job);
  void refuse(Waiter waiter, query::Fault fault);
  void give_later(Waiter waiter, query::Discovered found);
  bool serves(const Kept& kept, query::CatalogueAsk::Age wanted) const;
  void keep(Kept kept);
  query::DiscoveredPtr work(Job& job, std::size_t& steps);

  const timeline::Timeline& timeline_;
  std::function<void()> wake_;
  std::size_t surveys_max_;
  WallTime now_;
  Id next_id_ = 1;
  std::list<Job> jobs_;  // by round; the first kAtOnceMax take turns
  std::deque<std::pair<Waiter, query::DiscoveredPtr>> ready_;
  std::list<Kept> kept_;  // the one asked for last in front
  DiscoveryLedger ledger_;
};

}  // namespace ingest::hub
