// rooms: ingest/archive
// What the checkpoint costs in processor time for each second of 100,000 timer series of 10
// samples: on the hub's side (packing and writing down each change), on the archive's thread
// (taking them, writing, syncing), and on that thread once a minute besides, when what was written
// is filed.
#include <benchmark/benchmark.h>
#include <time.h>  // NOLINT(modernize-deprecated-headers): clock_gettime is POSIX
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "ingest/archive/archive.h"
#include "ingest/archive/entry.h"
#include "ingest/base/check.h"
#include "ingest/io/real_clock.h"
#include "ingest/model/packed_partial.h"
#include "tests/support/temporary_folder.h"

namespace {

using namespace ingest;           // NOLINT(google-build-using-namespace): one bench
using namespace ingest::archive;  // NOLINT(google-build-using-namespace): one bench

constexpr std::uint32_t kSeries = 100'000;
constexpr std::int64_t kBegin = 1'700'000'400'000;  // a whole minute
constexpr std::int64_t kSeconds = 60;
constexpr int kSamples = 10;

model::Partial timer_of(std::uint64_t seed) {
  model::Partial partial{model::Kind::Timer};
  for (int i = 0; i < kSamples; ++i) {
    seed = seed * 6'364'136'223'846'793'005U + 1'442'695'040'888'963'407U;
    model::Sample sample;
    sample.kind = model::Kind::Timer;
    sample.value = static_cast<double>(seed >> 44U) / 1'000.0;
    partial.fold(sample, wall_from_ms(kBegin));
  }
  return partial;
}

double cpu_ms(clockid_t clock) {
  timespec spent{};
  clock_gettime(clock, &spent);
  return static_cast<double>(spent.tv_sec) * 1e3 + static_cast<double>(spent.tv_nsec) * 1e-6;
}
double of_this_thread() {
  return cpu_ms(CLOCK_THREAD_CPUTIME_ID);
}
double of_the_others() {
  return cpu_ms(CLOCK_PROCESS_CPUTIME_ID) - of_this_thread();
}

class Checkpoint {
 public:
  Checkpoint() {
    partials_.reserve(kSeries);
    for (std::uint32_t i = 0; i < kSeries; ++i)
      partials_.push_back(timer_of(i * 2'654'435'761U));
    auto opened =
        Archive::open({.path = folder_.path("archive"), .time_by = TimeBy::Event}, clock_, log_);
    CHECK(opened);
    archive_ = *std::move(opened);
    CHECK(archive_->start());
  }
  /// What changed within the `second`-th second, on its way to the disk until it is there.
  void second(std::int64_t second) {
    auto batch = std::make_unique<Batch>();
    const std::int64_t pane = kBegin / 1'000 + second;
    if (second == 0) bear(*batch);
    const double begin = of_this_thread();
    for (std::uint32_t i = 0; i < kSeries; ++i) {
      packed_.clear();
      model::pack(partials_[i], packed_);
      write_delta(batch->entries, i, pane, packed_);
      ++batch->deltas;
      if (batch->entries.size() >= kBatchBytes) send(batch);
    }
    hub_ms += of_this_thread() - begin;
    const WallTime end = wall_from_ms((pane + 1) * 1'000);
    batch->whole = end;
    batch->closed = second + 1 == kSeconds ? end : wall_from_ms(kBegin);
    send(batch);
    while (archive_->durable_until() < end)
      std::this_thread::yield();
  }
  /// Until the minute is in blocks.
  void file() {
    const double others = of_the_others();
    while (archive_->ledger().periods_filed == 0)
      std::this_thread::yield();
    filing_ms += of_the_others() - others;
  }
  std::uint64_t bytes() const { return archive_->ledger().checkpoint_bytes; }
  double hub_ms = 0;
  double filing_ms = 0;

 private:
  static constexpr std::size_t kBatchBytes = std::size_t{1} << 20U;

  static void bear(Batch& batch) {
    for (std::uint32_t i = 0; i < kSeries; ++i) {
      const model::SeriesKey key{model::Kind::Timer, "m", {{"host", "h-" + std::to_string(i)}}};
      write_born(batch.entries, i, key.kind(), key.bytes());
    }
  }
  void send(std::unique_ptr<Batch>& batch) {
    while (!archive_->try_send(batch))
      std::this_thread::yield();
    batch = std::make_unique<Batch>();
  }

  tests::support::TemporaryFolder folder_;
  io::RealClock clock_;
  io::Logger log_{io::LogLevel::Warn, STDERR_FILENO};
  std::unique_ptr<Archive> archive_;
  std::vector<model::Partial> partials_;
  std::vector<std::byte> packed_;
};

void BM_AMinuteOfCheckpoints(benchmark::State& state) {
  for (auto _ : state) {
    Checkpoint checkpoint;
    const double begin = of_the_others();
    std::uint64_t bytes = 0;
    for (std::int64_t second = 0; second < kSeconds; ++second) {
      checkpoint.second(second);
      bytes = std::max(bytes, checkpoint.bytes());
    }
    const double archive_ms = of_the_others() - begin;
    checkpoint.file();
    state.counters["hub_ms_a_second"] = checkpoint.hub_ms / kSeconds;
    state.counters["archive_ms_a_second"] = archive_ms / kSeconds;
    state.counters["filing_ms_a_minute"] = checkpoint.filing_ms;
    state.counters["MB_a_second"] = static_cast<double>(bytes) / 1e6 / kSeconds;
  }
}
BENCHMARK(BM_AMinuteOfCheckpoints)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(1);

}  // namespace
