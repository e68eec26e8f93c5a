#pragma once
// DataFeed: DataRows as if they happened now: all of them within Pace::lasts, each at its share of
// that, again and again; through the codec as if they had come over a socket. One worker owns it,
// its thread only.

#include <cstddef>
#include <cstdint>
#include <memory>

#include "gateway/tools/data_rows.h"
#include "ingest/codec/codec.h"
#include "ingest/feed/feed.h"

namespace gateway::tools {

class DataFeed final : public ingest::feed::Feed {
 public:
  struct Pace {
    ingest::Millis lasts{600'000};  // one round; above 0
    std::uint64_t rounds = 0;       // 0: until the end
  };
  /// At most so much in one turn of the loop; the rest comes with the next.
  static constexpr std::size_t kBytesATurn = std::size_t{256} << 10U;

  DataFeed(const ingest::feed::FeedHome& home, DataRows rows, const Pace& pace);
  DataFeed(const DataFeed&) = delete;
  DataFeed& operator=(const DataFeed&) = delete;
  ~DataFeed() override;

 private:
  void run();
  ingest::MonoTime due(std::size_t row) const;

  ingest::io::EventLoop& loop_;
  ingest::codec::SampleBatch batch_;
  std::unique_ptr<const ingest::codec::Codec> codec_;
  DataRows rows_;
  Pace pace_;
  ingest::MonoTime begun_;  // the round
  std::uint64_t round_ = 0;
  std::size_t next_ = 0;
  ingest::io::EventLoop::TimerId timer_ = 0;
};

}  // namespace gateway::tools
