#pragma once
// Graphite: the plaintext protocol of carbon, with tags.
//
//   servers.web-17.load;region=eu;env=prod 1.25 1700000000
//   name                tags               value unix seconds, -1: the arrival time
//
// Format: graphite.readthedocs.io "Feeding In Your Data" and "Graphite Tag Support". One pass, no
// allocation, no state. Each line is a gauge. Parts are divided by spaces or tabs.

#include <string_view>

#include "ingest/codec/codec.h"

namespace ingest::codec {

class Graphite final : public Codec {
 public:
  std::string_view format() const override { return "graphite"; }
  void parse(std::string_view block, LineLedger& ledger, SampleBatch& batch) const override;
};

}  // namespace ingest::codec
