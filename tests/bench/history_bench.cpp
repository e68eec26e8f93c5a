// rooms: ingest/hub ingest/history ingest/archive ingest/timeline
// An hour of 1,000 timer series of 10 samples a second, asked for cold (the archive newly opened,
// its files out of the page cache): the p99 over all of them, every 10 s from roll-ups of 10 s, and
// every 5 s from panes of 1 s. Goals: at most 400 ms and 2.5 s, and no tick is kept waiting: the
// longest turn of the hub meanwhile is told. busy_ms is the least processor time of a question,
// on the archive's thread: what it would take on a machine that has no others to serve.
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "ingest/archive/archive.h"
#include "ingest/archive/entry.h"
#include "ingest/base/check.h"
#include "ingest/history/past_desk.h"
#include "ingest/io/real_clock.h"
#include "ingest/model/packed_partial.h"
#include "tests/support/temporary_folder.h"

namespace {

using namespace ingest;  // NOLINT(google-build-using-namespace): one bench, all rooms of one path

constexpr std::uint32_t kSeries = 1'000;
constexpr std::int64_t kPanes = 3'600;
constexpr int kSamples = 10;
constexpr std::int64_t kBegin = 1'700'000'400'000;  // a whole minute; by event time nothing is old

std::vector<std::byte> packed_timer(std::uint64_t seed) {
  model::Partial partial{model::Kind::Timer};
  for (int i = 0; i < kSamples; ++i) {
    seed = seed * 6'364'136'223'846'793'005U + 1'442'695'040'888'963'407U;
    model::Sample sample;
    sample.kind = model::Kind::Timer;
    sample.value = static_cast<double>(seed >> 44U) / 1'000.0;
    partial.fold(sample, wall_from_ms(kBegin));
  }
  std::vector<std::byte> bytes;
  model::pack(partial, bytes);
  return bytes;
}

template <class Done>
void wait_until(const Done& done) {
  while (!done())
    std::this_thread::yield();
}

class Disk {
 public:
  Disk() {
    open();
    for (std::int64_t pane = 0; pane < kPanes; ++pane)
      send(pane);
    const std::uint64_t minutes = kPanes / 60;
    wait_until([&] { return archive_->ledger().periods_filed == minutes; });
  }
  /// As after a restart of the machine.
  archive::Archive& cold() {
    archive_.reset();
    sync();
    for (const auto& each : std::filesystem::recursive_directory_iterator{folder_.path()}) {
      if (!each.is_regular_file()) continue;
      const io::Fd fd{::open(each.path().c_str(), O_RDONLY | O_CLOEXEC)};
      CHECK(fd && posix_fadvise(fd.get(), 0, 0, POSIX_FADV_DONTNEED) == 0);
    }
    open();
    return *archive_;
  }

 private:
  void open() {
    auto opened = archive::Archive::open(
        {.path = folder_.path("archive"), .time_by = TimeBy::Event}, clock_, log_);
    CHECK(opened);
    archive_ = *std::move(opened);
    CHECK(archive_->start());
  }
  void send(std::int64_t pane) {
    auto batch = std::make_unique<archive::Batch>();
    const std::int64_t number = kBegin / 1'000 + pane;
    for (std::uint32_t i = 0; i < kSeries; ++i) {
      const model::SeriesKey key{model::Kind::Timer, "m", {{"host", "h-" + std::to_string(i)}}};
      if (pane == 0) archive::write_born(batch->entries, i, key.kind(), key.bytes());
      const auto seed = static_cast<std::uint64_t>(pane) * 40'503U + i * 2'654'435'761U;
      archive::write_delta(batch->entries, i, number, packed_timer(seed));
      ++batch->deltas;
    }
    batch->whole = batch->closed = wall_from_ms((number + 1) * 1'000);
    wait_until([&] { return archive_->try_send(batch); });
    // As fast as it files, so that nothing is dropped.
    wait_until(
        [&] { return archive_->ledger().waiting_bytes < archive::Archive::kWaitingMax / 4; });
  }

  tests::support::TemporaryFolder folder_;
  io::RealClock clock_;
  io::Logger log_{io::LogLevel::Warn, STDERR_FILENO};
  std::unique_ptr<archive::Archive> archive_;
};

/// A hub that has nothing in memory, as long as the question takes.
struct Asked {
  double took_ms = 0;
  double busy_ms = 0;
  double longest_turn_ms = 0;
};

/// Processor time of all threads but this one and the store's own, which tidy up meanwhile.
double of_the_archive() {
  std::uint64_t all_ns = 0;
  for (const auto& task : std::filesystem::directory_iterator{"/proc/self/task"}) {
    std::string name;
    std::uint64_t ns = 0;
    std::ifstream{task.path() / "comm"} >> name;
    std::ifstream{task.path() / "schedstat"} >> ns;
    const bool mine = task.path().filename() == std::to_string(getpid());
    if (!mine && !name.starts_with("rocksdb")) all_ns += ns;
  }
  return static_cast<double>(all_ns) * 1e-6;
}

double ms_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin)
      .count();
}

Asked ask(archive::Archive& archive, const std::string& json, std::size_t points) {
  const WallTime end = wall_from_ms(kBegin + kPanes * 1'000);
  timeline::Timeline timeline{{}, 1, end - Millis{1'000}};
  timeline.finish(end);
  const history::PastDesk::Options options{.task = {.range = {}, .memory = {.since = end}}};
  std::atomic<bool> woken = false;
  history::PastDesk desk{timeline, options,
                         [&](std::unique_ptr<archive::Job>& job) { return archive.try_ask(job); },
                         [&] { woken.store(true); }};
  query::RangeAnswerPtr answer;
  Asked asked;
  const double busy = of_the_archive();
  const auto begin = std::chrono::steady_clock::now();
  desk.ask({*query::parse_query(json, {}), wall_from_ms(kBegin), end, Millis{0}, ""},
           [&](const query::RangeAnswerPtr& given) { answer = given; });
  while (answer == nullptr) {
    const auto turn = std::chrono::steady_clock::now();
    const bool more = desk.turn();
    asked.longest_turn_ms = std::max(asked.longest_turn_ms, ms_since(turn));
    if (!more && answer == nullptr && !woken.exchange(false)) std::this_thread::yield();
  }
  asked.took_ms = ms_since(begin);
  asked.busy_ms = of_the_archive() - busy;
  CHECK(answer->has_value() && (*answer)->times.size() == points && (*answer)->next.empty());
  CHECK((*answer)->values.back() > 0);
  return asked;
}

void ask_cold(benchmark::State& state, const std::string& json, std::size_t points) {
  static Disk disk;
  Asked worst;
  double least_busy_ms = std::numeric_limits<double>::max();
  for (auto _ : state) {
    state.PauseTiming();
    archive::Archive& archive = disk.cold();
    state.ResumeTiming();
    const Asked asked = ask(archive, json, points);
    worst.took_ms = std::max(worst.took_ms, asked.took_ms);
    least_busy_ms = std::min(least_busy_ms, asked.busy_ms);
    worst.longest_turn_ms = std::max(worst.longest_turn_ms, asked.longest_turn_ms);
  }
  state.counters["worst_ms"] = worst.took_ms;
  state.counters["busy_ms"] = least_busy_ms;
  state.counters["longest_turn_ms"] = worst.longest_turn_ms;
}

void BM_AnHourFromRollUpsOf10s(benchmark::State& state) {
  ask_cold(state, R"({"metric":"m","stats":["p99"],"window":"10s","slide":"10s"})", kPanes / 10);
}
void BM_AnHourFromPanesOf1s(benchmark::State& state) {
  ask_cold(state, R"({"metric":"m","stats":["p99"],"window":"5s","slide":"5s"})", kPanes / 5);
}
BENCHMARK(BM_AnHourFromRollUpsOf10s)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(5);
BENCHMARK(BM_AnHourFromPanesOf1s)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(5);

}  // namespace
