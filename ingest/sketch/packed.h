#pragma once
// Sketches as bytes. A form is written by the caller, beside whatever else tells records apart;
// what is read is only accepted when it can have been a sketch. Pure; any thread.
//
//   histogram      Units    count varint, values 8 bytes each, as they came
//                  Values   count varint, (value 8 bytes, weight varint) each, ascending
//                  Buckets  unit 1 byte (0: a weight is 1, 1: kUnit), scale zigzag, zeros varint,
//                           min, max 8 bytes each, run of positives, run of negatives
//   run            used buckets varint; if any: first zigzag, then for each of them
//                  gap * 8 + min(weight - 1, 7) varint, where gap counts the empty ones before it;
//                  7 is followed by weight - 8, varint
//   hyper_log_log  Hashes     count varint, 8 bytes each, ascending
//                  Registers  a rank a byte; from 64 on: so many zeros, less 62

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "ingest/base/byte_coding.h"
#include "ingest/sketch/exp_histogram.h"
#include "ingest/sketch/histogram_sum.h"
#include "ingest/sketch/hyper_log_log.h"

namespace ingest::sketch {

enum class HistogramForm : std::uint8_t { Units, Values, Buckets };
HistogramForm form_of(const ExpHistogram& histogram);
void write(ByteWriter& writer, const ExpHistogram& histogram);
std::optional<ExpHistogram> read_histogram(ByteReader& reader, HistogramForm form);
/// What read_histogram() makes of Units.
using UnitsRoom = std::array<double, ExpHistogram::kExactMax>;
std::optional<std::span<const double>> read_units(ByteReader& reader, UnitsRoom& room);
/// As into.merge() of what read_histogram() gives of Buckets, which need not be made for that.
/// False, and nothing merged, when it gives none.
bool merge_buckets(ByteReader& reader, ExpHistogram& into);
/// Adds what read_histogram() would give; its bytes were written here. False where they were not.
bool add_histogram(ByteReader& reader, HistogramForm form, HistogramSum& into);

enum class HyperLogLogForm : std::uint8_t { Hashes, Registers };
HyperLogLogForm form_of(const HyperLogLog& members);
void write(ByteWriter& writer, const HyperLogLog& members);
std::optional<HyperLogLog> read_hyper_log_log(ByteReader& reader, HyperLogLogForm form);

}  // namespace ingest::sketch
