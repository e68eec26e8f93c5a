#pragma once
// ReplayFeed: a recorded file, or a plain file of lines, played inside the server: at its own pace,
// N times faster, or as fast as it can be folded. One owner: one worker, its thread only. What it
// gives is what the live feed gave: datagrams stay datagrams, a connection's lines are put together
// again, a line that a close cut off is counted as tcp_tail. Samples without a time of their own
// arrive now; those with one may be late by now, and are counted so.
//
// Work comes in slices of kSliceBytes, so that the loop serves everybody else between two. Its
// reads are answered by the page cache.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "ingest/codec/codec.h"
#include "ingest/codec/line_splitter.h"
#include "ingest/codec/sample_batch.h"
#include "ingest/feed/feed.h"
#include "ingest/io/event_loop.h"
#include "ingest/record/pacer.h"
#include "ingest/record/source.h"

namespace ingest::feed {

class ReplayFeed final : public Feed {
 public:
  /// Of one turn of the loop; one record more at most.
  static constexpr std::size_t kSliceBytes = std::size_t{256} << 10;
  /// Recorded connections whose unfinished lines are held; the oldest goes for a further one.
  static constexpr std::size_t kConnectionsMax = 4096;

  /// How it went, once, when the last round is over.
  struct Done {
    record::Ending ending;
    record::Totals totals;  // of the last round
    std::uint64_t rounds = 0;
  };
  struct Parts {
    FeedHome home;
    std::string name;  // "replay/statsd"
    std::string path;  // for people
    std::unique_ptr<record::Source> source;
    std::unique_ptr<const codec::Codec> codec;  // of the source's format
    record::Speed speed = 1.0;                  // nothing: as fast as possible
    std::uint64_t rounds = 1;                   // at least 1
    std::function<void(const Done&)> done;      // may be empty
  };
  /// Begins in the loop's next turn.
  explicit ReplayFeed(Parts parts);
  ReplayFeed(const ReplayFeed&) = delete;
  ReplayFeed& operator=(const ReplayFeed&) = delete;
  ~ReplayFeed() override;

 private:
  void run();
  std::optional<MonoTime> play_slice(MonoTime now);
  /// False when all rounds are over.
  bool next_record();
  bool next_round();
  void take(const record::Record& record);
  void take_datagram(const record::Record& record);
  void take_piece(std::uint32_t connection, std::string_view bytes);
  codec::LineSplitter& splitter_of(std::uint32_t connection);
  void close(std::uint32_t connection);
  void end_text();

  Parts parts_;
  io::EventLoop& loop_;
  codec::SampleBatch batch_;
  record::Pacer pacer_;
  record::Transport transport_;
  std::optional<record::Record> waiting_;  // not due yet; its bytes live in the source
  std::map<std::uint32_t, codec::LineSplitter> connections_;
  bool begun_ = false;
  char last_byte_ = '\n';  // of a file of lines
  std::uint64_t rounds_ = 0;
  io::EventLoop::TimerId timer_ = 0;
};

}  // namespace ingest::feed
