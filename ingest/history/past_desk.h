#pragma once
// PastDesk: where questions about the past come in and answers go out. It sends each on its way as
// a RangeTask, copies out of the timeline what those need, so many panes a turn, and gives up what
// nobody waits for. Owned by the hub, on its thread; the archive's thread knows only the jobs.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>

#include "ingest/archive/archive.h"
#include "ingest/base/spsc_ring.h"
#include "ingest/history/range_task.h"
#include "ingest/query/past.h"
#include "ingest/timeline/timeline.h"

namespace ingest::history {

/// Totals since the start, and what is going on.
struct PastLedger {
  std::uint64_t asked = 0;
  std::uint64_t answered = 0;
  std::uint64_t refused = 0;     // of the answered: with a fault
  std::uint64_t overloaded = 0;  // of the refused: too many at once
  std::uint64_t dropped = 0;     // nobody waited any more
  std::uint64_t copied_bytes = 0;
  std::uint64_t waiting = 0;  // now
};

class PastDesk final : public query::Past {
 public:
  struct Options {
    RangeTask::Options task;
    std::size_t tasks_max = 16;           // at once; more are ServerOverloaded
    std::size_t steps_per_turn = 10'000;  // series and panes: at most some 5 ms
  };
  /// Takes a job to the archive's thread; false and untouched when too many wait there.
  using Carrier = std::function<bool(std::unique_ptr<archive::Job>& job)>;

  /// `wake` may be called by any thread and brings the next turn(). The timeline outlives the desk.
  PastDesk(const timeline::Timeline& timeline, const Options& options, Carrier carrier,
           const std::function<void()>& wake);
  PastDesk(const PastDesk&) = delete;
  PastDesk& operator=(const PastDesk&) = delete;
  ~PastDesk() override;

  Id ask(query::RangeAsk ask, Done done) override;
  void drop(Id id) override;

  /// At the end of each of the hub's turns. Whether there is more to do at once.
  bool turn();
  const PastLedger& ledger() const { return ledger_; }

 private:
  /// Where tasks come back to; both threads hold it, whoever ends first.
  struct Home {
    static constexpr std::size_t kTasksMax = 64;
    SpscRing<std::unique_ptr<RangeTask>> tasks{kTasksMax};
    std::function<void()> wake;
  };
  class TaskJob;
  struct Waiting {
    Done done;
    RangeTask::Dropped dropped;  // null where it was refused at once
  };

  void take(std::unique_ptr<RangeTask> task);
  void give(Id id, const query::RangeAnswerPtr& answer);
  bool send(std::unique_ptr<RangeTask>& task);

  const timeline::Timeline& timeline_;
  Options options_;
  Carrier carrier_;
  std::shared_ptr<Home> home_;
  Id next_id_ = 1;
  std::map<Id, Waiting> waiting_;
  std::deque<std::unique_ptr<RangeTask>> here_;
  std::size_t away_ = 0;
  std::deque<std::pair<Id, query::RangeAnswerPtr>> refused_;
  PastLedger ledger_;
};

}  // namespace ingest::history
