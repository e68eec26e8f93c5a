#pragma once
// HttpFeed: the lines of HTTP request bodies of one format, on one worker. It knows no HTTP:
// whoever does gives it a body that is whole and plain, and gets told what became of its lines. A
// body is read in slices, each short enough for a turn that others share, several bodies in any
// order. A feed like any other: its ledger adds up after every slice and is published at the end of
// the turn. Owned by its worker, that thread only.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "ingest/base/ip_address.h"
#include "ingest/codec/codec.h"
#include "ingest/codec/sample_batch.h"
#include "ingest/feed/feed.h"

namespace ingest::feed {

class HttpFeed final : public Feed {
 public:
  /// Of one slice, besides the rest of its last line: well below a millisecond's work.
  static constexpr std::size_t kSliceBytes = std::size_t{16} * 1024;
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

  /// `format` is that of every codec given to begin(); the feed is called "http/" and that. The
  /// sink outlives the feed.
  HttpFeed(std::string_view format, model::SampleSink& sink);

  /// How long this sender should wait before its next body; 0: not at all. To be asked before a
  /// body is taken, which then counts whole; a refusal is counted.
  std::chrono::nanoseconds wait_of(const IpAddress& sender) { return sink_.wait_of(sender); }

  struct Body {
    std::string_view text;  // the last line with or without its end
    IpAddress sender{};
  };
  /// One body on its way.
  class Reading {
   public:
    Reading(const Reading&) = delete;
    Reading& operator=(const Reading&) = delete;
    ~Reading();
    /// Takes the lines of the next slice; how many bytes are left.
    std::size_t take_some();
    /// What became of those taken so far.
    const Taken& taken() const { return taken_; }

   private:
    friend class HttpFeed;
    class FaultFinder;
    Reading(HttpFeed& feed, const Body& body, const codec::Codec& codec);

    HttpFeed& feed_;
    const codec::Codec& codec_;
    Body body_;
    std::string_view rest_;
    Taken taken_;
    std::unique_ptr<FaultFinder> finder_;  // from the first bad line on
  };
  /// The feed, `codec`, which knows what the request says of its lines (their precision), and the
  /// text outlive the reading. One that is given up has taken what it took.
  std::unique_ptr<Reading> begin(const Body& body, const codec::Codec& codec);

 private:
  model::SampleSink& sink_;
  codec::SampleBatch batch_;
};

}  // namespace ingest::feed
