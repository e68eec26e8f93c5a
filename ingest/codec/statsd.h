#pragma once
// Statsd: StatsD with the DogStatsD extensions 1.0-1.3 and the three other tag styles.
//
//   checkout.latency:12.5|ms|@0.1|#route:/pay,host:a|T1700000000
//   name             value kind rate tags            unix seconds
//
// Formats: github.com/statsd/statsd docs/metric_types.md; docs.datadoghq.com "DogStatsD datagram
// format". One pass, no allocation, no state. What the fields mean is decided by
// acceptance/ingest.md 1-19.

#include <cstdint>
#include <string_view>

#include "ingest/codec/codec.h"

namespace ingest::codec {

/// What `g:-5|g` means.
enum class SignedGauge : std::uint8_t {
  Delta,     // subtract 5 (StatsD)
  Absolute,  // set to -5
};

struct StatsdOptions {
  SignedGauge signed_gauge = SignedGauge::Delta;
};

class Statsd final : public Codec {
 public:
  explicit Statsd(StatsdOptions options = {}) : options_(options) {}

  std::string_view format() const override { return "statsd"; }
  void parse(std::string_view block, LineLedger& ledger, SampleBatch& batch) const override;
  /// The same for one block on its own: everything has been taken when it returns.
  void parse(std::string_view block, LineLedger& ledger, model::SampleSink& sink) const;

 private:
  StatsdOptions options_;
};

}  // namespace ingest::codec
