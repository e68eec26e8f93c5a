#pragma once
// SourceBook: who sends to the feeds of one worker, what each of them did, and what each may still
// do: samples and new series a second. Pure: the caller says how late it is. Owned by one worker,
// its thread only. It must not know sockets: an address is sixteen bytes.
//
//   feed + host of the address --index_of--> index --Sample::source--> admit, admit_series
//
// A host is an IPv4 address or an IPv6 /64. Who has no address (a Unix socket, a file) is one
// source of its feed. An index holds for one turn of the loop: kSourcesMax stand in the book, and a
// new one takes the place of the longest silent. Only who was silent for kSilence goes, so no index
// that was given in this turn becomes somebody else's before its samples are flushed. When all were
// heard lately, further ones share one place of their feed, counted.

#include <absl/container/flat_hash_map.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "ingest/base/clock.h"
#include "ingest/base/ip_address.h"
#include "ingest/base/network.h"
#include "ingest/series/token_bucket.h"

namespace ingest::series {

/// Who a sender is. `shared`: nobody in particular, or many.
struct Sender {
  IpAddress host{};
  bool shared = false;
};

/// What a source gets past its rate.
enum class PastRate : std::uint8_t {
  Dropped,  // each further sample goes nowhere
  Owed,     // all of what came whole counts, and it has to wait(): where it can be told to
};

/// What a feed allows each of its sources.
struct SourceRule {
  /// Samples a second, and as many at once; 0 is no limit. At most TokenBucket::kTokensMax.
  std::uint64_t rate = 0;
  PastRate past_rate = PastRate::Dropped;
  /// Who may send; empty is everybody. Who has no address may always.
  std::vector<Network> allow{};
};

class SourceBook {
 public:
  using Index = std::uint32_t;
  using RuleIndex = std::uint32_t;
  static constexpr std::size_t kSourcesMax = 4'096;  // such as are allowed
  static constexpr std::size_t kStrangersMax =
      256;  // such as are not, apart: they crowd out nobody
  static constexpr std::size_t kRulesMax = 128;
  static constexpr Millis kSilence{10'000};
  /// New series that a source may make at once, in seconds of its rate.
  static constexpr std::uint64_t kSeriesBurstSeconds = 1'000;
  /// What those that share a place may owe, in seconds of its rate: who comes after a greedy one
  /// waits no longer for a debt that is not his.
  static constexpr std::uint64_t kCrowdDebtSeconds = 1;
  static constexpr Index kFeedItself = 0;  // no limits

  struct Options {
    /// Series a second that a source may begin; 0 is no limit. At most kNewSeriesMax.
    std::uint64_t new_series_per_source = 100;
  };
  static constexpr std::uint64_t kNewSeriesMax = TokenBucket::kTokensMax / kSeriesBurstSeconds;

  struct Source {
    IpAddress host{};
    RuleIndex rule = 0;
    bool allowed = true;
    bool crowd = false;  // stands for all that had no place
    std::uint64_t samples = 0;
    std::uint64_t limited = 0;     // of the samples: past the rate, or not allowed
    std::uint64_t new_series = 0;  // that it began
    std::uint64_t refused = 0;     // of the samples: folded into an overflow series
    MonoTime heard{};
  };
  /// Plain words, to be published whole.
  struct Counts {
    std::uint64_t sources = 0;  // in the book now, strangers among them
    std::uint64_t forgotten = 0;
    std::uint64_t crowded = 0;  // times that a source had no place and shared one
  };

  explicit SourceBook(const Options& options);
  SourceBook(const SourceBook&) = delete;
  SourceBook& operator=(const SourceBook&) = delete;
  ~SourceBook();

  /// Of one feed. At most kRulesMax, CHECKed.
  RuleIndex add_rule(SourceRule rule);
  bool allows(RuleIndex rule, const IpAddress& sender) const;
  /// Good until time moves on. `now` does not move within a turn of the loop.
  Index index_of(RuleIndex rule, const IpAddress& sender, MonoTime now);

  enum class Limit : std::uint8_t { None, Rate, Source };
  struct Admitted {
    std::size_t count = 0;      // the first ones; the others go nowhere
    Limit limit = Limit::None;  // why not all
  };
  /// Counts `count` samples of this source and says how many may pass.
  Admitted admit(Index source, std::size_t count, MonoTime now);
  /// How long it should send nothing, where its rule says PastRate::Owed; 0: it may send.
  std::chrono::nanoseconds wait(Index source, MonoTime now);
  /// Whether it may begin one more series, at the time of the last admit(). Counted.
  bool admit_series(Index source);
  /// One of its samples folded into an overflow series.
  void refused(Index source) { ++places_[source].seen.refused; }

  const Source& source(Index index) const { return places_[index].seen; }
  Sender sender(Index index) const {
    return {.host = places_[index].seen.host, .shared = places_[index].seen.crowd};
  }
  const Counts& counts() const { return counts_; }

 private:
  static constexpr Index kNone = std::numeric_limits<Index>::max();

  struct Place {
    Source seen;
    TokenBucket samples;
    TokenBucket series;
    Index before = kNone;  // heard later
    Index after = kNone;   // heard earlier
  };
  /// Places in the order in which they were heard last.
  struct Shelf {
    Index latest = kNone;
    Index earliest = kNone;
    std::size_t size = 0;
    std::size_t max = 0;
  };
  struct Rule {
    SourceRule rule;
    Index crowd = kNone;
    Index strangers = kNone;  // the crowd of those that are not allowed
  };
  struct Key {
    IpAddress host{};
    RuleIndex rule = 0;
    bool allowed = true;
    bool operator==(const Key&) const = default;
    template <class H>  // NOLINTNEXTLINE(readability-identifier-naming): abseil's own name
    friend H AbslHashValue(H hash, const Key& key) {
      return H::combine(std::move(hash), key.host, key.rule, key.allowed);
    }
  };

  Shelf& shelf_of(const Source& source) { return source.allowed ? known_ : strangers_; }
  Index add(const Key& key);
  Index add_crowd(RuleIndex rule, bool allowed);
  void begin(Index index, const Source& source);
  void link(Shelf& shelf, Index index);
  void unlink(Shelf& shelf, Index index);

  TokenBucket::Rule series_rule_;
  std::vector<Place> places_;
  std::vector<Rule> rules_;
  absl::flat_hash_map<Key, Index> by_key_;
  Shelf known_{.max = kSourcesMax};
  Shelf strangers_{.max = kStrangersMax};
  Key last_key_{};  // as most come many times in a row
  Index last_ = kNone;
  MonoTime now_{};
  Counts counts_;
};

}  // namespace ingest::series
