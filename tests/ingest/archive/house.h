#pragma once
// House: an archive in a folder of its own, opened again as often as a test likes, with one series
// whose panes hold what the test says.

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "ingest/archive/archive.h"
#include "ingest/archive/entry.h"
#include "ingest/base/clock.h"
#include "ingest/model/packed_partial.h"
#include "tests/support/temporary_folder.h"

namespace ingest::archive {

using model::Kind;
using model::Partial;
using model::SeriesKey;

inline constexpr WallTime kMinute = wall_from_ms(1'700'000'400'000);  // of the period of most tests
inline constexpr PaneNumber kFirst = to_ms(kMinute) / 1'000;
constexpr int kPatience = 60'000;  // looks, some of which wait

inline Partial counter(double value) {
  Partial partial{Kind::Counter};
  partial.fold({.kind = Kind::Counter, .value = value}, kMinute);
  return partial;
}

template <class Ask>
bool until(const Ask& ask) {
  const auto end = std::chrono::steady_clock::now() + Millis{kPatience};
  while (!ask()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

/// Some minutes after kMinute when it is made, however long other tests took; goes on as time does,
/// for a restart is told from the one before by when it was.
class LaterClock final : public Clock {
 public:
  WallTime wall() const override {
    return kMinute + Millis{300'000} + std::chrono::floor<Millis>(mono() - made_);
  }
  MonoTime mono() const override { return std::chrono::steady_clock::now(); }

 private:
  MonoTime made_ = std::chrono::steady_clock::now();
};

/// Calls once on the archive's thread.
class Once final : public Job {
 public:
  Once(std::function<void(const Reader*)> call, std::atomic<bool>& done)
      : call_(std::move(call)), done_(done) {}
  Turn turn(const Reader* reader) override {
    call_(reader);
    done_.store(true);
    return Turn::Done;
  }

 private:
  std::function<void(const Reader*)> call_;
  std::atomic<bool>& done_;
};

using Totals = std::map<PaneNumber, double>;

/// An archive in a folder, opened again as often as one likes.
struct House {
  void open() {
    auto opened = Archive::open({.path = path,
                                 .pane = pane,
                                 .max_bytes = max_bytes,
                                 .restored_bytes = restored_bytes,
                                 .time_by = time_by,
                                 .on_batches =
                                     [this](const std::vector<BatchLog::Found>& found) {
                                       for (const auto& each : found)
                                         late_batches.push_back(each.id);
                                     }},
                                clock, log);
    ASSERT_TRUE(opened.has_value()) << opened.error().what;
    archive = *std::move(opened);
  }
  void start() {
    open();
    ASSERT_TRUE(archive->start().has_value());
  }
  /// One series, one delta of `value` in each pane of [first, last).
  void send(PaneNumber first, PaneNumber last, double value, WallTime whole, WallTime closed) {
    auto batch = std::make_unique<Batch>();
    write_born(batch->entries, 5, key.kind(), key.bytes());
    std::vector<std::byte> packed;
    model::pack(counter(value), packed);
    for (PaneNumber number = first; number < last; ++number)
      write_delta(batch->entries, 5, number, packed);
    batch->whole = whole;
    batch->closed = closed;
    ASSERT_TRUE(archive->try_send(batch));
  }
  void file_a_minute() {
    send(kFirst, kFirst + 60, 2, kMinute + Millis{61'000}, kMinute + Millis{60'000});
    ASSERT_TRUE(until([&] { return archive->ledger().periods_filed == 1; }));
  }
  void ask(const std::function<void(const Reader*)>& call) {
    std::atomic<bool> done = false;
    std::unique_ptr<Job> job = std::make_unique<Once>(call, done);
    ASSERT_TRUE(archive->try_ask(job));
    ASSERT_TRUE(until([&] { return done.load(); }));
  }
  Totals read(Rollup level) {
    Totals totals;
    ask([&](const Reader* reader) {
      if (reader == nullptr) return;
      reader->series("", "", [&](ArchiveId id, const SeriesKey& found) {
        EXPECT_EQ(found, key);
        reader->panes(id, level, 0, kFirst * 4,
                      [&](PaneNumber number, std::span<const std::byte> packed) {
                        const auto partial = model::unpack(packed);
                        if (partial) totals[number] += partial->counter().total();
                        return partial.has_value();
                      });
        return true;
      });
    });
    return totals;
  }
  std::vector<Gap> holes() {
    std::vector<Gap> found;
    ask([&](const Reader* reader) {
      if (reader != nullptr) found = reader->holes();
    });
    return found;
  }
  std::vector<Gap> holes(Rollup level) {
    std::vector<Gap> found;
    ask([&](const Reader* reader) {
      if (reader != nullptr) found = reader->holes(level);
    });
    return found;
  }
  double restored() {
    double sum = 0;
    const auto add = [&](std::uint32_t, std::span<const timeline::PackedPane> panes) {
      for (const timeline::PackedPane& each : panes) {
        std::span<const std::byte> packed = each.packed;
        sum += model::unpack(packed)->counter().total();
      }
    };
    const auto expect = [&](std::uint32_t, const SeriesKey& born) { EXPECT_EQ(born, key); };
    archive->restore({.born = expect, .panes = add});
    return sum;
  }
  std::vector<std::string> segments() const {
    std::vector<std::string> names;
    for (const auto& each : std::filesystem::directory_iterator{path})
      if (each.path().extension() == ".log") names.push_back(each.path().string());
    return names;
  }

  tests::support::TemporaryFolder folder;
  std::string path = folder.path("archive");
  Millis pane{1'000};
  TimeBy time_by = TimeBy::Wall;
  std::uint64_t max_bytes = std::uint64_t{10} << 30U;
  std::size_t restored_bytes = std::size_t{1} << 30U;
  std::vector<std::string> late_batches;  // written by the archive's thread
  LaterClock clock;
  io::Logger log{io::LogLevel::Error, -1};
  SeriesKey key{Kind::Counter, "m", {{"a", "1"}}};
  std::unique_ptr<Archive> archive;
};

}  // namespace ingest::archive
