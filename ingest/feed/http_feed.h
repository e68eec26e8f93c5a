#pragma once
// HttpFeed: the lines of HTTP request bodies of one format, on one worker. It knows no HTTP:
// whoever does gives it a body that is whole and plain, and gets told what became of its lines. A
// feed like any other: its ledger adds up and is published at the end of the turn. Owned by its
// worker, that thread only.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "ingest/base/ip_address.h"
#include "ingest/codec/codec.h"
#include "ingest/codec/sample_batch.h"
#include "ingest/feed/feed.h"

namespace ingest::feed {

class HttpFeed final : public Feed {
 public:
  /// So many rejected lines of a body are named; the others are counted.
  static constexpr std::size_t kFaultsMax = 10;

  struct LineFault {
    std::uint64_t line = 0;  // where it begins, as an editor counts, from 1
    codec::Reject reason = codec::Reject::BadValue;
    bool operator==(const LineFault&) const = default;
  };
  /// What became of the lines of one body; blank ones and comments are neither.
  struct Taken {
    std::uint64_t accepted = 0;
    std::uint64_t rejected = 0;
    std::vector<LineFault> faults;  // the first, in order
  };

  /// `format` is that of every codec given to take(); the feed is called "http/" and that. The sink
  /// outlives the feed.
  HttpFeed(std::string_view format, model::SampleSink& sink);

  struct Body {
    std::string_view text;  // the last line with or without its end
    IpAddress sender{};
  };
  /// Every line of it. The caller has `codec`, which knows what the request says of its lines
  /// (their precision).
  Taken take(const Body& body, const codec::Codec& codec);

 private:
  model::SampleSink& sink_;
  codec::SampleBatch batch_;
};

}  // namespace ingest::feed
