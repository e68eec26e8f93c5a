#include "gateway/cli/fanout_measures.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <optional>
#include <utility>

#include "gateway/cli/bare_sender.h"
#include "gateway/cli/bench_clock.h"
#include "gateway/cli/bench_ticks.h"
#include "gateway/cli/fanout_crowd.h"
#include "gateway/cli/fanout_stage.h"

namespace gateway::cli {
namespace {

using ingest::Failure;
using ingest::Millis;
using ingest::Result;
using Tell = std::function<void(const FanoutNumber&)>;
using Speaks = FanoutCrowd::Speaks;
using std::chrono::seconds;

constexpr std::size_t kRows = 58;  // in an update of some 1.7 KB
constexpr Millis kFast{100};       // 10 Hz
constexpr Millis kSlow{1'000};
constexpr std::size_t kStreams = 4;
constexpr Millis kSettle{500};
constexpr FanoutLoad kOneStream{
    .metrics = 1, .rows = kRows, .rows_each_time = kRows, .every = kFast};
constexpr FanoutLoad kFourStreams{
    .metrics = kStreams, .rows = kRows, .rows_each_time = kRows, .every = kFast};

/// printf's numbers, which streams do clumsily.
template <class... Values>
std::string text(const char* format, Values... values) {
  std::array<char, 160> line{};
  std::snprintf(line.data(), line.size(), format, values...);  // NOLINT(*-vararg): columns
  return line.data();
}

double median(std::vector<double> all) {
  if (all.empty()) return 0;
  const auto middle = all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2);
  std::nth_element(all.begin(), middle, all.end());
  return *middle;
}

double at_share(std::vector<std::int64_t> all, double share) {
  if (all.empty()) return 0;
  std::sort(all.begin(), all.end());
  return static_cast<double>(
      all[static_cast<std::size_t>(static_cast<double>(all.size() - 1) * share)]);
}

/// The first arrival to the last of each round, in ms, the median. Rounds are far apart.
double spread_ms(std::vector<std::int64_t> arrivals, std::size_t readers) {
  constexpr std::int64_t kApartNs = 250'000'000;
  std::sort(arrivals.begin(), arrivals.end());
  std::vector<double> spreads;
  for (std::size_t begin = 0, i = 1; i <= arrivals.size(); ++i) {
    if (i < arrivals.size() && arrivals[i] - arrivals[i - 1] < kApartNs) continue;
    if (i - begin >= readers)
      spreads.push_back(static_cast<double>(arrivals[i - 1] - arrivals[begin]) / 1e6);
    begin = i;
  }
  return median(std::move(spreads));
}

class Measures {
 public:
  Measures(const FanoutPlan& plan, BareSender& bare, const Tell& tell,
           const std::function<void(const std::string&)>& progress)
      : plan_(plan), bare_(bare), tell_(tell), progress_(progress) {}

  Result<void> cost();
  Result<void> storm();
  Result<void> stalled();
  Result<void> encoding();
  Result<void> bytes();

 private:
  using Options = FanoutCrowd::Options;
  Result<BareSender::Done> bare_rounds(FanoutCrowd& crowd, BareSender::Order order,
                                       const std::string& frame) const;
  Result<double> server_us(FanoutStage& stage, FanoutCrowd& crowd, const FanoutLoad& load) const;
  Result<double> crowd_us(FanoutStage& stage, Options options, const FanoutLoad& load);
  struct Plain {
    double server_us = 0;
    double bare_us = 0;
    std::size_t bytes = 0;  // of an update
    double ratio() const { return bare_us > 0 ? server_us / bare_us : 0; }
  };
  Result<Plain> plain(FanoutStage& stage);
  Result<double> bare_us(FanoutCrowd& listeners, const std::string& frame) const;
  struct Storm {
    Millis time;
    std::string frame;
    std::vector<std::int64_t> pongs;
  };
  Result<double> storm_of_server(std::size_t count, Storm& storm);
  Result<double> storm_of_bare(std::size_t count, const Storm& storm);
  std::size_t readers() const { return plan_.quick ? 100 : 500; }
  static std::string one_stream() { return FanoutStage::hello(1, kFast, seconds{10}); }
  Result<FanoutStage> stage(std::size_t connections, Millis tick) const;

  const FanoutPlan& plan_;
  BareSender& bare_;
  const Tell& tell_;
  const std::function<void(const std::string&)>& progress_;
};

Result<FanoutStage> Measures::stage(std::size_t connections, Millis tick) const {
  FanoutStage::Options options;
  options.workers = plan_.workers;
  options.tick = tick;
  options.connections = connections;
  if (plan_.quick) options.stalled = seconds{4};
  return FanoutStage::open(options);
}

Result<BareSender::Done> Measures::bare_rounds(FanoutCrowd& crowd, BareSender::Order order,
                                               const std::string& frame) const {
  TRY(bare_.order(order, frame));
  for (;;) {
    const auto done = TRY(bare_.poll());
    while (crowd.turn(Millis{done ? 0 : 2}) > 0) {
    }
    if (done) return *done;
  }
}

/// Processor time of the whole server for each update delivered, in us.
Result<double> Measures::server_us(FanoutStage& stage, FanoutCrowd& crowd,
                                   const FanoutLoad& load) const {
  const Millis time{plan_.quick ? 1'000 : 4'000};
  stage.run(crowd, load, kSettle);
  const std::uint64_t updates = crowd.updates();
  const std::uint64_t cpu_ns = stage.cpu_ns();
  stage.run(crowd, load, time);
  const double spent = static_cast<double>(stage.cpu_ns() - cpu_ns);
  const double got = static_cast<double>(crowd.updates() - updates);
  if (crowd.gone() > 0 || got < static_cast<double>(crowd.size()))
    return Failure{ingest::Error{0, "the updates of the Weir that was started do not come"}};
  return spent / 1e3 / got;
}

/// A crowd that comes for this alone.
Result<double> Measures::crowd_us(FanoutStage& stage, Options options, const FanoutLoad& load) {
  options.address = stage.address();
  FanoutCrowd crowd{std::move(options)};
  TRY(crowd.join(readers()));
  std::vector<double> each(plan_.quick ? 1 : 3);
  for (double& one : each)
    one = TRY(server_us(stage, crowd, load));
  return median(std::move(each));
}

/// The Weir and the bare loop by turns, each before as many readers of its own.
Result<Measures::Plain> Measures::plain(FanoutStage& stage) {
  FanoutCrowd crowd{{.address = stage.address(), .hello = one_stream()}};
  FanoutCrowd listeners{{.address = bare_.address(), .speaks = Speaks::Nothing, .hello = {}}};
  TRY(crowd.join(readers()));
  TRY(listeners.join(readers()));
  std::vector<Plain> rounds(plan_.quick ? 1 : 5);
  for (Plain& round : rounds) {
    round.server_us = TRY(server_us(stage, crowd, kOneStream));
    stage.run(crowd, {.metrics = 0, .rows = 0}, kSettle);
    round.bytes = crowd.sample().size();
    round.bare_us = TRY(bare_us(listeners, crowd.sample()));
    progress_(text("%.2f us, bare %.2f us ...", round.server_us, round.bare_us));
  }
  TRY(bare_rounds(listeners, {}, {}));
  std::sort(rounds.begin(), rounds.end(),
            [](const Plain& a, const Plain& b) { return a.ratio() < b.ratio(); });
  return rounds[rounds.size() / 2];
}

Result<double> Measures::bare_us(FanoutCrowd& listeners, const std::string& frame) const {
  const BareSender::Order order{.connections = static_cast<std::uint32_t>(readers()),
                                .rounds = plan_.quick ? 10U : 40U,
                                .period_ms = 100};
  const auto done = TRY(bare_rounds(listeners, order, frame));
  return static_cast<double>(done.cpu_ns) / 1e3 /
         static_cast<double>(std::max<std::uint64_t>(done.sends, 1));
}

Result<void> Measures::cost() {
  FanoutStage stage = TRY(this->stage(4 * readers(), kFast));
  progress_("an update to many ...");
  const Plain plain = TRY(this->plain(stage));
  tell_({"cost",
         text("an update of %zu bytes to %zu at 10 Hz, of a bare send()", plain.bytes, readers()),
         plain.ratio(), 1.1, "x", text("%.2f us, bare %.2f us", plain.server_us, plain.bare_us)});
  progress_("the same, deflated ...");
  const auto deflate = FanoutCrowd::Deflate::Yes;
  const double deflated_us =
      TRY(crowd_us(stage, {.address = {}, .hello = one_stream(), .deflate = deflate}, kOneStream));
  tell_({"deflate", "the same deflated, of the plain one", deflated_us / plain.server_us, 1.2, "x",
         text("%.2f us", deflated_us)});
  progress_("four streams ...");
  const std::string hello = FanoutStage::hello(kStreams, kFast, seconds{10});
  const double four_us =
      TRY(crowd_us(stage, {.address = {}, .hello = hello, .streams = kStreams}, kFourStreams));
  tell_({"streams", "each of 4 updates due at once, of a bare send()", four_us / plain.bare_us,
         1.0 / 3, "x", text("%.2f us", four_us)});
  return {};
}

/// The last send of each round, in ms after the first.
Result<double> Measures::storm_of_server(std::size_t count, Storm& storm) {
  constexpr Millis kPingEvery{5};
  const FanoutLoad load{.metrics = 1, .rows = kRows, .rows_each_time = kRows, .every = kSlow};
  progress_(text("%zu readers ...", count));
  FanoutStage stage = TRY(this->stage(count, Millis{250}));
  FanoutCrowd crowd{{.address = stage.address(),
                     .hello = FanoutStage::hello(1, kSlow, kSlow),
                     .stamps = FanoutCrowd::Stamps::On}};
  TRY(crowd.join(count));
  stage.run(crowd, load, Millis{2'500});
  crowd.take_arrivals();
  stage.run_with_pings(crowd, load, storm.time, kPingEvery);
  storm.frame = crowd.sample();
  const auto pongs = crowd.take_pongs();
  storm.pongs.insert(storm.pongs.end(), pongs.begin(), pongs.end());
  return spread_ms(crowd.take_arrivals(), count);
}

Result<double> Measures::storm_of_bare(std::size_t count, const Storm& storm) {
  progress_(text("%zu readers of a bare loop ...", count));
  FanoutCrowd listeners{{.address = bare_.address(),
                         .speaks = Speaks::Nothing,
                         .hello = {},
                         .stamps = FanoutCrowd::Stamps::On}};
  TRY(listeners.join(count));
  const BareSender::Order order{.connections = static_cast<std::uint32_t>(count),
                                .rounds = static_cast<std::uint32_t>(storm.time / kSlow),
                                .period_ms = 1'000};
  TRY(bare_rounds(listeners, order, storm.frame));
  const double spread = spread_ms(listeners.take_arrivals(), count);
  TRY(bare_rounds(listeners, {}, {}));
  return spread;
}

Result<void> Measures::storm() {
  const std::size_t count = plan_.quick ? 500 : 10'000;
  Storm storm{.time = Millis{plan_.quick ? 3'000 : 12'000}, .frame = {}, .pongs = {}};
  std::vector<double> server(plan_.quick ? 1 : 3);
  std::vector<double> bare(server.size());
  for (std::size_t i = 0; i < server.size(); ++i) {
    server[i] = TRY(storm_of_server(count, storm));
    bare[i] = TRY(storm_of_bare(count, storm));
  }
  const double server_ms = median(server);
  const double bare_ms = median(bare);
  tell_({"last_send", text("%zu readers at 1 Hz: the last send, of a bare loop", count),
         bare_ms > 0 ? server_ms / bare_ms : 0, 1.15, "x",
         text("%.1f ms after the first, bare %.1f ms", server_ms, bare_ms)});
  tell_({"pongs", "pongs meanwhile, p99", at_share(storm.pongs, 0.99) / 1e6, 25, "ms",
         text("p50 %.2f ms, %zu pings", at_share(storm.pongs, 0.5) / 1e6, storm.pongs.size())});
  return {};
}

/// Memory that grows without anybody stalling, histories and rings, is measured first and taken
/// off.
Result<void> Measures::stalled() {
  const std::size_t half = plan_.quick ? 50 : 500;
  const Millis usual{plan_.quick ? 2'000 : 20'000};
  FanoutStage stage = TRY(this->stage(2 * half, kFast));
  const FanoutLoad load = kFourStreams;
  FanoutCrowd crowd{{.address = stage.address(),
                     .hello = FanoutStage::hello(kStreams, kFast, seconds{10}),
                     .streams = kStreams,
                     .buffer = FanoutCrowd::Buffer::Small}};
  TRY(crowd.join(2 * half));
  const auto memory = [&] { return static_cast<double>(stage.memory_bytes()); };
  progress_("half of them will stall: the rings fill first ...");
  stage.run(crowd, load, plan_.quick ? Millis{2'000} : Millis{45'000});
  const double at_first = memory();
  stage.run(crowd, load, usual);
  const double before = memory();
  const double growth = std::max(0.0, before - at_first);
  progress_("half of them stall for 20 s ...");
  crowd.stall(half);
  stage.run(crowd, load, usual);
  const double count = static_cast<double>(half);
  const double extra = (memory() - before - growth) / count;
  tell_({"stalled", text("each of %zu that stall for 20 s, in the server's heap", half), extra,
         1'024, "bytes", text("%.0f bytes each without them", growth / count)});
  crowd.resume();
  stage.run(crowd, load, Millis{3'000});
  // Who was slow is served at a slower rate from then on, so his newest may be a little older.
  constexpr Millis kBehind{2'000};
  constexpr int kWaits = 10;
  int waited = 0;
  for (; waited < kWaits && crowd.newest(kBehind) < crowd.size(); ++waited)
    stage.run(crowd, load, Millis{1'000});
  tell_({"resumed", "of them, with the newest state again",
         static_cast<double>(crowd.newest(kBehind)) - static_cast<double>(crowd.size() - half),
         count, "", text("within %d s of reading on", 3 + waited), FanoutNumber::Better::More});
  progress_("half of them stall for 60 s ...");
  crowd.stall(half);
  stage.run(crowd, load, 3 * usual);
  const double left = (memory() - before - 4 * growth) / count;
  crowd.resume();
  stage.run(crowd, load, Millis{2'000});
  tell_({"gone", "of them, ended after 60 s", static_cast<double>(crowd.gone()), count, "", "",
         FanoutNumber::Better::More});
  tell_({"returned", "memory left of each that has gone", left, 1'024, "bytes", ""});
  return {};
}

Result<void> Measures::encoding() {
  constexpr std::size_t kGroups = 10'000;
  progress_("encoding ...");
  BenchTicks ticks{kGroups, 5};
  const double ns = nanoseconds_of([&] { look_at(ticks.step().data()); });
  tell_({"encoding", "encoding 10,000 groups of 5 numbers, all changed", ns / 1e6, 10, "ms",
         text("%zu bytes", ticks.step().size())});
  return {};
}

Result<void> Measures::bytes() {
  const std::size_t rows = plan_.quick ? 1'000 : 10'000;
  const Millis time{plan_.quick ? 3'000 : 20'000};
  progress_("10,000 rows, a fifth changes each second ...");
  FanoutStage stage = TRY(this->stage(1, Millis{250}));
  // A row's samples enter its window in the very seconds in which others leave it.
  const FanoutLoad load{.metrics = 1, .rows = rows, .rows_each_time = rows / 5, .every = kSlow};
  FanoutCrowd crowd{{.address = stage.address(), .hello = FanoutStage::hello(1, kSlow, kSlow)}};
  TRY(crowd.join(1));
  stage.run(crowd, load, plan_.quick ? Millis{6'000} : Millis{15'000});
  const std::uint64_t before = crowd.bytes();
  stage.run(crowd, load, time);
  const double each_second =
      static_cast<double>(crowd.bytes() - before) / std::chrono::duration<double>(time).count();
  tell_({"bytes", text("%zu rows at 1 Hz, a fifth of them changes", rows), each_second / 1e3, 100,
         "KB/s", text("an update of %zu bytes", crowd.sample().size())});
  return {};
}

struct Part {
  const char* name;
  Result<void> (Measures::*measure)();
};
constexpr std::array kParts{Part{"cost", &Measures::cost}, Part{"storm", &Measures::storm},
                            Part{"stalled", &Measures::stalled},
                            Part{"encoding", &Measures::encoding}, Part{"bytes", &Measures::bytes}};

}  // namespace

const std::vector<std::string>& FanoutPlan::parts() {
  static const std::vector<std::string> kNames = [] {
    std::vector<std::string> names;
    names.reserve(kParts.size());
    for (const Part& part : kParts)
      names.emplace_back(part.name);
    return names;
  }();
  return kNames;
}

Result<void> measure_fanout(const FanoutPlan& plan, const Tell& tell,
                            const std::function<void(const std::string&)>& progress) {
  BareSender bare = TRY(BareSender::start(plan.workers));
  Measures measures{plan, bare, tell, progress};
  for (const Part& part : kParts) {
    const bool wanted = plan.only.empty() ||
                        std::find(plan.only.begin(), plan.only.end(), part.name) != plan.only.end();
    if (wanted) TRY((measures.*part.measure)());
  }
  return {};
}

}  // namespace gateway::cli
