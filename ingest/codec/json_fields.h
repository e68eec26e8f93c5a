#pragma once
// JsonFields: what a line of JSON says, field by field, whoever read the JSON. Decides what each
// field means and what is wrong with it; knows no JSON syntax. Owned by a JsonLines codec, filled
// anew for each line; allocates only until it has grown to the largest line.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "ingest/codec/lines.h"
#include "ingest/codec/sample_batch.h"
#include "ingest/model/sample.h"

namespace ingest::codec {

class JsonFields {
 public:
  /// Values of one line; one more is too_many_values.
  static constexpr std::size_t kValuesMax = 4096;

  void clear();

  // Each field once. Views hold no NUL, and live until the samples are taken.
  Wrong name(std::string_view text);
  Wrong kind(std::string_view text);
  /// The number as written.
  Wrong rate(std::string_view number);
  Wrong time(std::string_view number);
  /// Before the number() or text() of `value`, or those of `values`.
  Wrong begin_values();
  Wrong number(double value);
  Wrong text(std::string_view member);
  /// Before the tag()s, which are only checked, and set_tags(), which gives them.
  Wrong begin_tags();
  Wrong tag(std::string_view key, std::string_view value);
  void set_tags(std::string_view raw, model::TagStyle style);
  void unknown() { ++unknown_; }

  /// All is there, and each value of the type that the kind needs.
  Wrong check() const;
  /// After check(): all samples of the line.
  void emit(LineLedger& ledger, SampleBatch& batch) const;

 private:
  model::RawKey key_;
  std::optional<model::Kind> kind_;
  std::optional<model::Rate> rate_;
  std::optional<WallTime> time_;
  bool has_name_ = false;
  bool has_values_ = false;
  bool has_tags_ = false;
  std::size_t tags_ = 0;
  std::uint64_t unknown_ = 0;
  std::vector<double> numbers_;
  std::vector<std::string_view> texts_;
};

}  // namespace ingest::codec
