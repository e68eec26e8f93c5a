#pragma once
// Publisher: turns what streams changed into frames, once for all readers, and decides who gets
// which. Shares streams by canonical query and channels by (query, rate tier). It knows neither
// sockets nor the timeline. Owned by the hub's wiring; hub's thread only, but for ledger().
//
//   Subscribe -> stream (watch) -> channel -> Tell(subd) -> first update -> Join(snap)
//   update(), update(), ... tick_done(T) -> at most one `u` a channel and tick -> Publish

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "gateway/publish/channel.h"
#include "gateway/publish/ledger.h"
#include "gateway/publish/mail.h"
#include "gateway/publish/row_table.h"
#include "ingest/base/clock.h"
#include "ingest/base/counters.h"
#include "ingest/query/annotations.h"
#include "ingest/query/catalogue.h"
#include "ingest/query/discovery.h"
#include "ingest/query/durability.h"
#include "ingest/query/past.h"
#include "ingest/query/update.h"

namespace gateway::publish {

class Publisher final : public ingest::query::UpdateSink {
 public:
  struct Options {
    std::string epoch;
    ingest::Millis tick{250};
    ingest::Millis linger{60'000};
    std::uint32_t workers = 1;
    std::size_t streams_max = 2'000;
    std::size_t linger_bytes_max = std::size_t{64} * 1024 * 1024;
    std::size_t bytes_max = std::size_t{512} * 1024 * 1024;  // as StreamBook::Options
    FrameRing::Caps ring;
    RowTable::Caps table;
    std::uint64_t query_cost_max = 100'000'000;  // limits.query_cost
    ingest::Millis pane{1'000};
    std::size_t streams_of_one_max = std::numeric_limits<std::size_t>::max();
    std::function<ChannelId(ChannelId)> shown{};  // as StreamBook::Options
  };

  /// `streams` and `outlet` outlive the publisher.
  Publisher(const Options& options, ingest::query::Streams& streams, Outlet& outlet);
  Publisher(const Publisher&) = delete;
  Publisher& operator=(const Publisher&) = delete;
  ~Publisher() override;

  /// A worker's mail, between ticks.
  void handle(const ToHub& message);
  void update(const ingest::query::Update& update) override;
  void tick_done(ingest::WallTime now) override;
  std::size_t held_bytes() const override;
  /// Hands it to every worker, and estimates by it what queries cost.
  void catalogue(const std::shared_ptr<const ingest::query::Catalogue>& catalogue);

  /// The same with the events and service checks there are.
  void annotations(const std::shared_ptr<const ingest::query::Annotations>& annotations);

  /// Who answers questions about the past; outlives the publisher. Before the first mail.
  void ask_of(ingest::query::Past& past);
  /// Who knows what is on disk; as above.
  void ask_of(ingest::query::Durability& durability);
  /// Who knows what there is to ask for; as above.
  void ask_of(ingest::query::Discovery& discovery);

  /// Who keeps boards; as above.
  void ask_of(Boards& boards);
  /// Who makes pages of /metrics; outlives it. Without one there are none.
  void ask_of(Scrapes& scrapes);

  /// Any thread may read it; published at the end of each tick.
  const ingest::Published<Ledger>& ledger() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace gateway::publish
