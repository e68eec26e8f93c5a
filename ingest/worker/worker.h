#pragma once
// Worker: the ingest side of one thread: its feeds, its series and their open panes, and what it
// hands the hub at each tick. Built by the wiring on the thread's EventLoop; feeds are added before
// the loop runs, after that everything but feeds() and ledger() belongs to the loop's thread. It
// must not know queries, connections or the timeline: of the hub it sees the two rings of a
// HubLink; of feeds, that they are Feeds.
//
//   feed -> codec -> Source::take -> SourceBook::admit -> SeriesTable::find -> OpenPanes::fold
//   feed -> codec -> Source::note -> SourceBook::admit -> Outbox (events and service checks)
//   feed -> codec -> Source::reject -> RejectLog (lines that could not be read)
//   tick: Outbox: born, moved, expired -> Handover -> HubLink::to_hub -> wake_hub
//
// With TimeBy::Event the samples say what time it is: events_ knows how far each source has come,
// the hub how far all workers' have (HubLink::event), and what lies `future` ahead of the rest
// pulls it along, so that few panes are open however fast old data comes in.
//
// A full ring loses nothing: the totals stay here, go on folding, and leave with a later tick.

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "ingest/base/clock.h"
#include "ingest/base/counters.h"
#include "ingest/base/result.h"
#include "ingest/base/steady_wall.h"
#include "ingest/feed/feed.h"
#include "ingest/io/event_loop.h"
#include "ingest/model/handover.h"
#include "ingest/model/sample.h"
#include "ingest/model/watermark.h"
#include "ingest/series/offenders.h"
#include "ingest/series/open_panes.h"
#include "ingest/series/series_table.h"
#include "ingest/series/source_book.h"
#include "ingest/worker/outbox.h"
#include "ingest/worker/reject_log.h"
#include "ingest/worker/sample_ledger.h"

namespace ingest::worker {

/// What a feed allows each of its sources.
using series::SourceRule;
using RuleIndex = series::SourceBook::RuleIndex;

/// What happens to a sample whose pane has closed.
enum class LatePolicy : std::uint8_t {
  Drop,
  Now,  // it counts as of its arrival
};

class Worker final : public model::SampleSink {
 public:
  struct Options {
    std::uint32_t index = 0;  // Handover::worker
    Millis pane{1'000};
    Millis tick{250};
    Millis allowed_lateness{2'000};
    Millis future{10'000};
    Millis flush{0};  // how often all of it goes to the hub, for a checkpoint; 0: there is none
    LatePolicy late = LatePolicy::Drop;
    TimeBy time_by = TimeBy::Wall;
    Millis source_idle{5'000};  // TimeBy::Event: when a silent source holds no window back
    series::SeriesTable::Options table{};  // caps and series_ttl
    series::SourceBook::Options sources{};
  };
  struct Parts {
    io::EventLoop* loop = nullptr;
    model::HubLink* link = nullptr;
    std::function<void()> wake_hub;
  };
  static constexpr std::size_t kFeedsMax = 72;  // 64 of the configuration, and those of HTTP

  /// loop and link outlive the worker. Registers itself with the loop.
  Worker(const Options& options, Parts parts);
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker() override;

  // ---- before the loop runs ----

  /// Takes in the feed that make(feed::FeedHome) -> Result<std::unique_ptr<F>> builds, and gives it
  /// as an F*. It ends with the worker. `rule` is for each of its sources. At most kFeedsMax,
  /// CHECKed.
  template <class Make>
  auto add_feed(Make&& make, SourceRule rule = {}) {
    return add_feed(std::forward<Make>(make), add_rule(std::move(rule)));
  }
  /// Of several feeds: a source has one rate for all of them.
  RuleIndex add_rule(SourceRule rule) { return sources_.add_rule(std::move(rule)); }
  template <class Make>
  auto add_feed(Make&& make, RuleIndex rule) {
    Source& source = new_source(rule);
    auto made = make(feed::FeedHome{.loop = &loop_, .sink = &source});
    using F = typename std::remove_cvref_t<decltype(*made)>::element_type;
    if (!made) {
      entries_.pop_back();
      return Result<F*>{Failure{std::move(made).error()}};
    }
    F* const added = made->get();
    entries_.back().feed = *std::move(made);
    return Result<F*>{added};
  }

  /// Arms the tick.
  void start();

  // ---- the loop's thread ----

  /// Samples of no feed: of tests.
  void take(std::span<const model::Sample> batch) override;
  /// Hands over what is due; normally the timer's, at each multiple of the tick of the wall clock.
  void hand_over();
  /// At the end: hands over everything. False when the ring is full: wake the hub and call again.
  /// What arrives after it returned true is not handed over.
  [[nodiscard]] bool drain();
  enum class Noted : std::uint8_t {
    Kept,
    Limited,  // past the sender's rate, or not allowed
    Future,   // too far ahead
    Crowded,  // more came than leave with a tick
  };
  /// An event that no feed's lines brought; it counts against its sender's rate as one sample does.
  Noted take_event(model::KeptAnnotation event, const IpAddress& sender, RuleIndex rule);
  /// When the last batch or tick came: what was folded so far came by then.
  WallTime arrival() const { return arrival_; }
  /// Publishes the ledgers that changed; normally the loop's, at the end of each turn.
  void publish();

  // ---- any thread ----

  struct FeedStatus {
    std::string name;     // "udp/statsd"; empty for samples of no feed
    std::string address;  // as bound
    feed::FeedLedger ledger;
    SampleLedger samples;
  };
  /// Each feed in the order of adding, samples of no feed last.
  std::vector<FeedStatus> feeds() const;
  WorkerLedger ledger() const { return published_.read(); }
  /// Who ran into caps and limits lately, as of a second ago at most; never null.
  std::shared_ptr<const series::OffendersView> offenders() const;
  /// The last lines that feeds dropped, by feed, as of a tick ago at most; never null.
  using RejectsView = std::vector<FeedRejects>;
  using RejectsPtr = std::shared_ptr<const RejectsView>;
  RejectsPtr rejects() const;

 private:
  /// A feed's own entrance, with its own ledger.
  class Source final : public model::SampleSink {
   public:
    Source(Worker& worker, RuleIndex rule) : worker_(worker), rule_(rule) {}
    void take(std::span<const model::Sample> batch) override { worker_.receive(batch, *this); }
    void note(const model::Annotation& annotation) override { worker_.annotate(annotation); }
    void reject(const model::RejectedLine& line) override { worker_.keep_reject(line, rejects); }
    std::uint32_t source_of(const IpAddress& sender) override {
      return worker_.sources_.index_of(rule_, sender, worker_.loop_.mono());
    }
    bool allows(const IpAddress& sender) const override {
      return worker_.sources_.allows(rule_, sender);
    }
    std::chrono::nanoseconds wait_of(const IpAddress& sender) override {
      return worker_.wait_after(source_of(sender));
    }
    SampleLedger ledger;
    bool changed = false;
    Published<SampleLedger> published;
    RejectLog rejects;

   private:
    Worker& worker_;
    RuleIndex rule_;
  };
  struct Entry {
    std::unique_ptr<Source> source;
    std::unique_ptr<feed::Feed> feed;  // after the source: it goes first
  };

  /// A sample on its way through the rounds of fold_some().
  struct Admitted {
    const model::Sample* sample = nullptr;
    model::LocalSeries series;
    series::Pane::Watched watched = series::Pane::Watched::No;
    bool late = false;  // it counts as of its arrival
    WallTime time;
    series::OpenPanes::Slot slot;
  };
  void receive(std::span<const model::Sample> batch, Source& source);
  std::chrono::nanoseconds wait_after(std::uint32_t sender);
  void limit(std::uint32_t sender, std::size_t samples, series::SourceBook::Limit limit,
             Source& source);
  void annotate(const model::Annotation& annotation);
  void keep_reject(const model::RejectedLine& line, RejectLog& log);
  std::optional<Noted> refuse_note(std::uint32_t sender, std::optional<WallTime> time);
  Noted send(model::KeptAnnotation kept);
  void fold(std::span<const model::Sample> batch, Source& source);
  void fold_some(std::span<const model::Sample> batch, SampleLedger& ledger);
  bool admit(const model::Sample& sample, const series::SeriesTable::Guess& guess,
             SampleLedger& ledger, Admitted& admitted);
  void see_time();
  std::size_t see_events(std::span<const model::Sample> batch);
  void fold_events(std::span<const model::Sample> batch, SampleLedger& ledger);
  void publish_front();
  void arm();
  void read_mail();
  void open_mail(model::ToWorker& mail);
  void step();
  Source& new_source(RuleIndex rule);
  void publish_offenders();
  void publish_rejects();

  Options options_;
  io::EventLoop& loop_;
  model::HubLink& link_;
  series::SourceBook sources_;
  series::Offenders offenders_;
  series::SeriesTable table_;
  series::OpenPanes panes_;
  SteadyWall wall_;
  WallTime arrival_;  // of this turn; never goes back, whatever the wall clock does
  /// TimeBy::Event: what the sources of this worker have said.
  std::optional<model::Watermark> events_;
  WallTime now_;  // decides what is late: arrival_, or how far event time has come
  Outbox outbox_;
  /// Written anew for each batch, as far as it is read.
  std::unique_ptr<std::array<Admitted, kBatchMax>> admitted_ =
      std::make_unique<std::array<Admitted, kBatchMax>>();
  io::EventLoop::TimerId timer_ = 0;
  io::EventLoop::TimerId retry_ = 0;
  std::shared_ptr<bool> alive_;  // false once the worker is gone: the loop keeps its calls
  WorkerLedger ledger_;
  Published<WorkerLedger> published_;
  MonoTime offenders_at_{};             // when they were published last
  mutable std::mutex offenders_mutex_;  // once a second, and for each scrape
  std::shared_ptr<const series::OffendersView> offenders_published_;
  bool rejects_changed_ = false;
  MonoTime rejects_at_{};  // when they were published last
  mutable std::mutex rejects_mutex_;
  RejectsPtr rejects_published_ = std::make_shared<RejectsView>();
  Source direct_{*this, sources_.add_rule({})};
  std::vector<Entry> entries_;  // last: feeds end before what they feed
};

}  // namespace ingest::worker
