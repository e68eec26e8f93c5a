#pragma once
// JsonLines: one JSON object a line.
//
//   {"name":"x","kind":"timer","value":12.5,"tags":{"route":"/a"},"ts":1700000000123,"rate":0.5}
//
// `kind` is counter, gauge (the default), timer (histogram and distribution too) or set, whose
// values are strings; `values` holds many. `ts` counts since the epoch in a unit told by its size
// (unix_time.h). Other fields are counted and ignored. A line is taken whole or not at all.

#include <memory>
#include <string_view>

#include "ingest/codec/codec.h"
#include "ingest/codec/json_fields.h"
#include "ingest/codec/json_reader.h"

namespace ingest::codec {

class JsonLines final : public Codec {
 public:
  JsonLines();
  JsonLines(const JsonLines&) = delete;
  JsonLines& operator=(const JsonLines&) = delete;
  ~JsonLines() override;

  std::string_view format() const override { return "json"; }
  /// Flushes the batch when a line had escapes: its strings stand in our memory.
  void parse(std::string_view block, LineLedger& ledger, SampleBatch& batch) const override;

 private:
  struct Memory;
  Fault read(std::string_view line, std::string_view block, SampleBatch& batch) const;

  std::unique_ptr<Memory> memory_;  // of no state between two lines
};

}  // namespace ingest::codec
