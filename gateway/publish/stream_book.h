#pragma once
// StreamBook: which streams and channels there are, how many readers each worker has of them, and
// how long those without readers stay. Part of the Publisher, on the hub's thread.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "gateway/publish/channel.h"
#include "gateway/publish/mail.h"
#include "gateway/publish/row_table.h"
#include "ingest/base/clock.h"
#include "ingest/base/result.h"
#include "ingest/query/catalogue.h"
#include "ingest/query/update.h"

namespace gateway::publish {

struct OpenStream;

/// A subscription whose state is on its way.
struct Joining {
  Subscriber who;
  std::uint64_t id = 0;
  Start start = Start::New;
  Sequence resume_at = 0;  // Replay only
};

struct OpenChannel {
  OpenChannel(OpenStream& owner, Channel::Identity identity, const FrameRing::Caps& caps)
      : stream(&owner), channel(identity, caps) {}
  OpenStream* stream;
  Channel channel;
  std::vector<std::uint32_t> readers_by_worker;
  std::size_t readers = 0;
  ingest::WallTime idle_since;   // while there are no readers
  std::vector<Joining> waiting;  // for the stream's first update
};

struct OpenStream {
  OpenStream(ingest::query::StreamId stream, ingest::query::Query asked, RowTable::Caps caps)
      : id(stream), query(std::move(asked)), table(query, caps) {}
  ingest::query::StreamId id;
  ingest::query::Query query;
  std::string text;   // canonical
  std::string party;  // who made it (mail.h), for limits.streams_per_identity
  RowTable table;
  std::map<ingest::Millis, std::unique_ptr<OpenChannel>> channels;  // by tier
};

class StreamBook {
 public:
  struct Options {
    std::uint32_t workers = 1;
    std::size_t streams_max = 0;
    ingest::Millis linger{0};
    std::size_t linger_bytes_max = 0;
    /// Of all tables, rings and cached snapshots.
    std::size_t bytes_max = std::numeric_limits<std::size_t>::max();
    FrameRing::Caps ring;
    RowTable::Caps table;
    std::uint64_t query_cost_max = 0;
    /// Made by one party; who shows no token is held to the subscriptions of his connections alone.
    std::size_t streams_of_one_max = std::numeric_limits<std::size_t>::max();
    /// How the number of a channel is shown: nobody is to count those of others. Empty: as it is.
    std::function<ChannelId(ChannelId)> shown{};
  };
  /// Who asks.
  struct Asker {
    const ingest::query::Catalogue* part = nullptr;  // what he may see; null: everything
    std::string party{};
  };
  /// What closed channels and streams leave behind for the ledger.
  struct Closed {
    std::uint64_t left_early = 0;
    std::uint64_t corrections_dropped = 0;
  };

  StreamBook(Options options, ingest::query::Streams& streams)
      : options_(std::move(options)), streams_(streams) {}

  /// What the cost of a new query of who sees everything is estimated from; before the first one
  /// everything is affordable.
  void know(std::shared_ptr<const ingest::query::Catalogue> catalogue) {
    catalogue_ = std::move(catalogue);
  }
  /// The stream of this query; watched from now on when it is new, and affordable, else
  /// query.too_expensive. A full book gives up a stream without readers, or refuses with
  /// limit.streams, as it does where his party has made as many as it may. Whether he can afford
  /// the query depends on his part alone, and not on who else reads the stream.
  ingest::Result<OpenStream*, ingest::query::Fault> open(const ingest::query::Query& asked,
                                                         const Asker& asker);
  /// The channel of this stream and tier. `now` is when it begins to be without readers.
  OpenChannel& open(OpenStream& stream, ingest::Millis tier, ingest::WallTime now);

  OpenStream* find_stream(ingest::query::StreamId id);
  OpenChannel* find_channel(ChannelId ch);
  /// In order of their ids.
  std::map<ingest::query::StreamId, std::unique_ptr<OpenStream>>& streams() { return by_id_; }
  std::size_t channel_count() const { return channels_.size(); }
  /// The streams that most is evaluated for, at most so many.
  StreamList dearest(std::size_t count) const;

  /// Closes what was without readers for `linger`, and the longest idle while those without readers
  /// hold more than `linger_bytes_max`, or all together more than `bytes_max`.
  void expire(ingest::WallTime now);
  /// Past `bytes_max` each ring, and each stream's earlier windows, may hold no more than an equal
  /// share of half of it, and open() takes no new query, until a quarter of it is free again.
  void press();
  /// What is held, as of the last press().
  std::size_t bytes() const { return bytes_; }
  const Closed& closed() const { return closed_; }

 private:
  ingest::Result<void, ingest::query::Fault> afford(
      const ingest::query::Query& query, const ingest::query::Catalogue& catalogue) const;
  static StreamFacts facts_of(const OpenStream& stream);
  void close(OpenChannel& channel);
  ingest::Result<void, ingest::query::Fault> make_room(const std::string& party);
  std::size_t made_by(const std::string& party) const;
  /// False when every channel has readers; with a party, of its streams alone.
  bool close_longest_idle(const std::string* party = nullptr);
  OpenChannel* longest_idle(const std::string* party);
  static void choose_corrections(OpenStream& stream);
  std::size_t held_bytes() const;
  std::size_t share() const;

  Options options_;
  ingest::query::Streams& streams_;
  std::shared_ptr<const ingest::query::Catalogue> catalogue_;
  std::map<ingest::query::StreamId, std::unique_ptr<OpenStream>> by_id_;
  std::unordered_map<std::string, OpenStream*> by_text_;
  std::unordered_map<ChannelId, OpenChannel*> channels_;
  ChannelId last_ch_ = 0;
  Closed closed_;
  std::size_t bytes_ = 0;
  bool pressed_ = false;  // more than bytes_max was held, and more than 3/4 of it still is
};

}  // namespace gateway::publish
