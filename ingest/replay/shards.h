#pragma once
// Shards: series dealt to threads by their number. Each series folds in the order of add(),
// whichever thread it has and however many there are, and take() gives what was folded ordered by
// series and pane: so nothing depends on their number. Owned by the reader, whose thread calls;
// while the threads fold, the reader reads on.
//
//   add() ... add()  --kBatch samples-->  begin a round: each thread folds its share of the last
//   batch take()           waits for the round, folds the rest, moves everything out

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "ingest/base/clock.h"
#include "ingest/model/handover.h"
#include "ingest/model/sample.h"
#include "ingest/series/open_panes.h"

namespace ingest::replay {

class Shards {
 public:
  static constexpr std::size_t kShardsMax = 64;
  static constexpr std::size_t kBatch = 8'192;  // samples worth a round of the threads

  struct Options {
    std::size_t count = 1;       // threads, where that is more than one
    std::size_t batch = kBatch;  // samples of a round, at least 1
  };
  /// Threads start when there is a whole batch.
  Shards(const series::OpenPanes::Options& panes, const Options& options);
  Shards(const Shards&) = delete;
  Shards& operator=(const Shards&) = delete;
  ~Shards();

  /// The bytes that the sample looks at may die; its key is not needed any more. `time` says which
  /// pane, `arrival` orders gauges.
  void add(model::LocalSeries series, const model::Sample& sample, WallTime time, WallTime arrival);
  bool empty() const { return added_ == 0 && !holds_; }
  /// Moves all totals behind `out`, by series, then pane.
  void take(std::vector<model::PartialMoved>& out);

 private:
  struct Item {
    model::LocalSeries series;
    model::Sample sample;
    WallTime time;
    WallTime arrival;
    std::size_t member_at = 0;  // in Batch::members
  };
  struct Batch {
    std::vector<Item> items;
    std::string members;
  };
  struct Shard {
    explicit Shard(const series::OpenPanes::Options& options) : panes(options) {}
    series::OpenPanes panes;
    Batch filling;  // the reader's
    Batch folding;  // the thread's, during a round
    std::thread thread;
  };

  static void fold(Shard& shard, Batch& batch);
  void begin_round();
  void end_round();
  void start(Shard& shard);
  void run(Shard& shard);

  std::vector<std::unique_ptr<Shard>> shards_;
  std::size_t batch_;
  std::size_t added_ = 0;  // since the last round
  bool holds_ = false;     // some shard has totals
  bool in_round_ = false;
  std::atomic<std::uint64_t> round_{0};  // grows to begin one; kOver ends the threads
  std::atomic<std::size_t> busy_{0};     // shards that this round still has to fold
  static constexpr std::uint64_t kOver = ~std::uint64_t{0};
};

}  // namespace ingest::replay
