#pragma once
// Keeper: the thread that keeps boards: it reads, checks and writes them one after another, so that
// neither the hub nor a worker waits for a disk. Owned by the wiring; ask(), drop() and look() are
// the hub's thread's, counts() anybody's.

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "gateway/boards/shelf.h"
#include "gateway/publish/boards.h"
#include "ingest/base/clock.h"
#include "ingest/base/counters.h"
#include "ingest/base/result.h"
#include "ingest/io/log.h"

namespace gateway::boards {

class Keeper final : public publish::Boards {
 public:
  /// That wait for the disk; one more is Busy.
  static constexpr std::size_t kWaitingMax = 64;

  struct Parts {
    const ingest::Clock* clock = nullptr;
    const ingest::io::Logger* log = nullptr;
    std::function<void()> wake;  // brings the next look(); called on the keeper's thread
  };
  /// All parts outlive it.
  Keeper(const Shelf::Options& options, Parts parts);
  Keeper(const Keeper&) = delete;
  Keeper& operator=(const Keeper&) = delete;
  /// What was asked is done first.
  ~Keeper() override;

  /// Begins to read the folder. What is asked before waits.
  ingest::Result<void> start();

  Id ask(publish::BoardAsk ask, Done done) override;
  void drop(Id id) override { waiting_.erase(id); }
  /// Hands over what was answered meanwhile.
  void look();

  Shelf::Counts counts() const { return counts_.read(); }

 private:
  using Asked = std::pair<Id, publish::BoardAsk>;
  using Answered = std::pair<Id, publish::BoardAnswerPtr>;
  void run();
  /// The next of them; nothing when the end has come and all are done.
  std::optional<Asked> wait_for_ask();
  void answer(Id id, publish::BoardAnswer answer);

  Parts parts_;
  Shelf shelf_;  // the thread's
  ingest::Published<Shelf::Counts> counts_;
  Id next_id_ = 1;
  std::map<Id, Done> waiting_;  // the hub's thread's
  std::mutex mutex_;            // of what stands below; held for a moment only
  std::condition_variable news_;
  std::deque<Asked> asked_;
  std::vector<Answered> answered_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace gateway::boards
