#pragma once
// InfluxLine: Influx line protocol.
//
//   cpu,host=web-17,region=eu usage_idle=98.2,usage_user=1i,state="ok" 1700000000000000000
//   name tags                 fields, each a gauge called name.field   time
//
// Format: docs.influxdata.com "Line protocol reference". One pass, no allocation, no state. A line
// is taken whole or not at all. What the format leaves open: spaces may stand before the name, and
// several where one may; a newline ends a line anywhere but inside a string (line_ends.h).

#include <cstddef>
#include <string_view>

#include "ingest/codec/codec.h"
#include "ingest/codec/unix_time.h"

namespace ingest::codec {

struct InfluxLineOptions {
  TimeUnit precision = TimeUnit::Auto;
};

class InfluxLine final : public Codec {
 public:
  /// Number fields of one line; one more is too_many_fields.
  static constexpr std::size_t kFieldsMax = SampleBatch::kDraftsMax;

  explicit InfluxLine(InfluxLineOptions options = {}) : options_(options) {}

  std::string_view format() const override { return "influx"; }
  LineRule line_rule() const override { return LineRule::Quoted; }
  void parse(std::string_view block, LineLedger& ledger, SampleBatch& batch) const override;

 private:
  InfluxLineOptions options_;
};

}  // namespace ingest::codec
