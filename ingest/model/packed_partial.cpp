#include "ingest/model/packed_partial.h"

#include <bit>
#include <cmath>
#include <utility>

#include "ingest/base/byte_coding.h"
#include "ingest/sketch/packed.h"

namespace ingest::model {
namespace {

constexpr unsigned kVersion = 1;
constexpr unsigned kKindBits = 2;
constexpr unsigned kFormBits = 3;
constexpr unsigned kVersionShift = kKindBits + kFormBits;
static_assert(2 * sketch::ExpHistogram::kBucketsMax * (1 + 10) + 256 <= kPackedBytesMax);
static_assert(sketch::HyperLogLog::kRegisters + 1 <= kPackedBytesMax);

std::uint64_t bits_of(double value) {
  return std::bit_cast<std::uint64_t>(value);
}

/// Whether it is a whole number that a varint holds and gives back to the bit.
bool is_whole(double value) {
  constexpr double kMost = 0x1p53;
  return std::abs(value) <= kMost && value == std::trunc(value) && bits_of(value) != bits_of(-0.0);
}

void write_time(ByteWriter& writer, WallTime time) {
  writer.zigzag(to_ms(time));
}
WallTime read_time(ByteReader& reader) {
  return wall_from_ms(reader.zigzag());
}
/// A time near `base`, in few bytes; wraps, so that any two times will do.
void write_near(ByteWriter& writer, WallTime base, WallTime time) {
  writer.zigzag(static_cast<std::int64_t>(static_cast<std::uint64_t>(to_ms(time)) -
                                          static_cast<std::uint64_t>(to_ms(base))));
}
WallTime read_near(ByteReader& reader, WallTime base) {
  return wall_from_ms(static_cast<std::int64_t>(static_cast<std::uint64_t>(to_ms(base)) +
                                                static_cast<std::uint64_t>(reader.zigzag())));
}

}  // namespace

struct Packing {
  // ---- the head ----

  static constexpr std::uint8_t head_of(Kind kind, unsigned form) {
    return static_cast<std::uint8_t>(kVersion << kVersionShift | form << kKindBits |
                                     static_cast<unsigned>(kind));
  }
  static void head(ByteWriter& writer, Kind kind, unsigned form) { writer.u8(head_of(kind, form)); }

  // ---- sums ----

  enum SumForm : std::uint8_t {
    Whole,    // a varint, no error kept
    Rounded,  // the sum, no error kept
    Full,     // the sum and its error
  };
  static SumForm form_of(const CompensatedSum& sum) {
    if (bits_of(sum.error_) != 0) return Full;
    return is_whole(sum.sum_) ? Whole : Rounded;
  }
  static void write(ByteWriter& writer, const CompensatedSum& sum, SumForm form) {
    if (form == Whole) return writer.zigzag(static_cast<std::int64_t>(sum.sum_));
    writer.number(sum.sum_);
    if (form == Full) writer.number(sum.error_);
  }
  static CompensatedSum read_sum(ByteReader& reader, SumForm form) {
    CompensatedSum sum;
    sum.sum_ = form == Whole ? static_cast<double>(reader.zigzag()) : reader.number();
    if (form == Full) sum.error_ = reader.number();
    return sum;
  }
  static void write(ByteWriter& writer, const CompensatedSum& sum) { write(writer, sum, Full); }
  static CompensatedSum read_sum(ByteReader& reader) { return read_sum(reader, Full); }

  // ---- counters ----

  static void write(ByteWriter& writer, const CounterPartial& counter) {
    const SumForm form = form_of(counter.sum_);
    head(writer, Kind::Counter, form);
    write(writer, counter.sum_, form);
    writer.varint(counter.lines_);
  }
  static bool read(ByteReader& reader, unsigned form, CounterPartial& counter) {
    if (form > Full) return false;
    counter.sum_ = read_sum(reader, static_cast<SumForm>(form));
    counter.lines_ = reader.varint();
    return true;
  }

  // ---- gauges ----

  enum GaugeForm : std::uint8_t { Nothing, One, OneWhole, Many };
  using Absolute = GaugePartial::Absolute;
  using WideAbsolute = GaugePartial::WideAbsolute;

  // What there is of the many.
  enum Has : std::uint8_t {
    Samples = 1,
    LastApart = 2,  // the last is not the first
    Low = 4,        // of the first and the last
    Adds = 8,
    NoLast = 16,  // it yielded to a newer one of another pane
  };

  static void write(ByteWriter& writer, const GaugePartial& gauge) {
    if (gauge.many_) {
      head(writer, Kind::Gauge, Many);
      return write(writer, *gauge.many_);
    }
    const Absolute& one = gauge.one_;
    if (one.arrival == GaugePartial::kNever) return head(writer, Kind::Gauge, Nothing);
    const bool whole = is_whole(one.value);
    head(writer, Kind::Gauge, whole ? OneWhole : One);
    write_time(writer, one.time);
    write_near(writer, one.time, one.arrival);
    if (whole) {
      writer.zigzag(static_cast<std::int64_t>(one.value));
    } else {
      writer.number(one.value);
    }
  }
  static bool same(const WideAbsolute& a, const WideAbsolute& b) {
    return a.time == b.time && a.arrival == b.arrival && bits_of(a.value) == bits_of(b.value) &&
           bits_of(a.low) == bits_of(b.low);
  }
  static void write(ByteWriter& writer, const WideAbsolute& absolute, WallTime base, bool low) {
    write_near(writer, base, absolute.time);
    write_near(writer, absolute.time, absolute.arrival);
    writer.number(absolute.value);
    if (low) writer.number(absolute.low);
  }
  static void write(ByteWriter& writer, const GaugePartial::Many& many) {
    const bool yielded = many.samples > 0 && many.last.arrival == GaugePartial::kNever;
    const bool apart = !yielded && !same(many.first, many.last);
    const bool low = bits_of(many.first.low) != 0 || bits_of(many.last.low) != 0;
    const bool adds = many.adds_newest != GaugePartial::kNever;
    writer.u8(static_cast<std::uint8_t>((many.samples > 0 ? Samples : 0) | (apart ? LastApart : 0) |
                                        (low ? Low : 0) | (adds ? Adds : 0) |
                                        (yielded ? NoLast : 0)));
    writer.varint(many.changes);
    if (many.samples > 0) {
      writer.varint(many.samples);
      write(writer, many.first, WallTime{}, low);
      if (apart) write(writer, many.last, many.first.time, low);
      writer.number(many.min);
      writer.number(many.max);
      write(writer, many.sum);
    }
    if (adds) {
      write_near(writer, many.first.time, many.adds_newest);
      write(writer, many.adds);
    }
  }

  static bool read(ByteReader& reader, unsigned form, GaugePartial& gauge) {
    switch (form) {
      case Nothing:
        return true;
      case One:
      case OneWhole:
        gauge.one_.time = read_time(reader);
        gauge.one_.arrival = read_near(reader, gauge.one_.time);
        gauge.one_.value =
            form == OneWhole ? static_cast<double>(reader.zigzag()) : reader.number();
        return gauge.one_.arrival != GaugePartial::kNever && std::isfinite(gauge.one_.value);
      case Many:
        return read(reader, gauge.many_.emplace());
      default:
        return false;
    }
  }
  static bool read(ByteReader& reader, WideAbsolute& absolute, WallTime base, bool low) {
    absolute.time = read_near(reader, base);
    absolute.arrival = read_near(reader, absolute.time);
    absolute.value = reader.number();
    if (low) absolute.low = reader.number();
    return absolute.arrival != GaugePartial::kNever && std::isfinite(absolute.value) &&
           std::isfinite(absolute.low);
  }
  static bool read(ByteReader& reader, GaugePartial::Many& many) {
    const unsigned has = reader.u8();
    if (has >= 2 * NoLast) return false;
    many.changes = reader.varint();
    if ((has & Samples) != 0) {
      const bool low = (has & Low) != 0;
      many.samples = reader.varint();
      bool read_all = many.samples > 0 && read(reader, many.first, WallTime{}, low);
      if ((has & NoLast) == 0) many.last = many.first;
      if ((has & (LastApart | NoLast)) == (LastApart | NoLast)) return false;
      if ((has & LastApart) != 0) read_all &= read(reader, many.last, many.first.time, low);
      many.min = reader.number();
      many.max = reader.number();
      many.sum = read_sum(reader);
      const bool bounded = std::isfinite(many.min) && std::isfinite(many.max);
      if (!read_all || !bounded || many.min > many.max) return false;
    } else if ((has & (LastApart | Low | NoLast)) != 0) {
      return false;
    }
    if ((has & Adds) == 0) return true;
    many.adds_newest = read_near(reader, many.first.time);
    many.adds = read_sum(reader);
    return many.adds_newest != GaugePartial::kNever;
  }

  // ---- timers, sets: the form is their sketch's ----

  static void write(ByteWriter& writer, const TimerPartial& timer) {
    head(writer, Kind::Timer, static_cast<unsigned>(sketch::form_of(timer.histogram_)));
    if (timer.moments_) {
      const TimerPartial::Moments& moments = *timer.moments_;
      for (const double each : {moments.events, moments.mean, moments.mean_low})
        writer.number(each);
      write(writer, moments.squares);
      write(writer, moments.sum);
    }
    sketch::write(writer, timer.histogram_);
  }
  static TimerPartial::Moments read_moments(ByteReader& reader) {
    TimerPartial::Moments moments;
    for (double* each : {&moments.events, &moments.mean, &moments.mean_low})
      *each = reader.number();
    moments.squares = read_sum(reader);
    moments.sum = read_sum(reader);
    return moments;
  }
  static bool read(ByteReader& reader, unsigned form, TimerPartial& timer) {
    const auto histogram_form = static_cast<sketch::HistogramForm>(form);
    if (histogram_form == sketch::HistogramForm::Buckets) {
      timer.moments_.emplace(read_moments(reader));
    }
    auto histogram = sketch::read_histogram(reader, histogram_form);
    if (!histogram) return false;
    timer.histogram_ = *std::move(histogram);
    return true;
  }

  /// Of buckets into buckets, as most of what is rolled up is.
  static bool merge_buckets(ByteReader& reader, TimerPartial& into) {
    const TimerPartial::Moments moments = read_moments(reader);
    const bool merged = sketch::merge_buckets(reader, into.histogram_);
    if (merged) into.moments_->merge(moments);
    return merged;
  }
  static bool merge_units(ByteReader& reader, TimerPartial& into) {
    sketch::UnitsRoom room;  // NOLINT(*-member-init): written first
    const auto units = sketch::read_units(reader, room);
    if (units) into.merge_units(*units);
    return units.has_value();
  }
  static bool has_buckets(const TimerPartial& timer) { return static_cast<bool>(timer.moments_); }

  static void write(ByteWriter& writer, const SetPartial& set) {
    head(writer, Kind::Set, static_cast<unsigned>(sketch::form_of(set.members_)));
    sketch::write(writer, set.members_);
  }
  static bool read(ByteReader& reader, unsigned form, SetPartial& set) {
    auto members = sketch::read_hyper_log_log(reader, static_cast<sketch::HyperLogLogForm>(form));
    if (!members) return false;
    set.members_ = *std::move(members);
    return true;
  }

  // ---- any of them ----

  static void write(ByteWriter& writer, const Partial& partial) {
    std::visit([&](const auto& totals) { write(writer, totals); }, partial.totals_);
  }
  static bool read(ByteReader& reader, unsigned form, Partial& partial) {
    return std::visit([&](auto& totals) { return read(reader, form, totals); }, partial.totals_);
  }
};

namespace {

constexpr unsigned timer_of(sketch::HistogramForm form) {
  return Packing::head_of(Kind::Timer, static_cast<unsigned>(form));
}
constexpr unsigned kTimerOfUnits = timer_of(sketch::HistogramForm::Units);
constexpr unsigned kTimerOfBuckets = timer_of(sketch::HistogramForm::Buckets);

}  // namespace

void pack(const Partial& partial, std::vector<std::byte>& out) {
  ByteWriter writer{out};
  Packing::write(writer, partial);
}

bool unpack_units(std::span<const std::byte> packed, std::vector<double>& out) {
  ByteReader reader{packed};
  if (reader.u8() != kTimerOfUnits) return false;
  const std::size_t count = reader.count(sketch::ExpHistogram::kExactMax);
  if (reader.left() != count * sizeof(double)) return false;
  for (std::size_t i = 0; i < count; ++i)
    out.push_back(reader.number());
  return true;
}

Result<Partial, PackFault> unpack(std::span<const std::byte>& bytes) {
  ByteReader reader{bytes};
  const unsigned head = reader.u8();
  if (!reader.good()) return Failure{PackFault::Damaged};
  if (head >> kVersionShift != kVersion) return Failure{PackFault::Version};
  Partial partial{static_cast<Kind>(head & ((1U << kKindBits) - 1))};
  const unsigned form = head >> kKindBits & ((1U << kFormBits) - 1);
  if (!Packing::read(reader, form, partial) || !reader.good()) return Failure{PackFault::Damaged};
  bytes = reader.rest();
  return partial;
}

bool merge_packed(std::span<const std::byte> bytes, Partial& into) {
  ByteReader reader{bytes};
  const unsigned head = reader.u8();
  if (into.kind() == Kind::Timer && Packing::has_buckets(into.timer())) {
    if (head == kTimerOfBuckets) return Packing::merge_buckets(reader, into.timer());
    if (head == kTimerOfUnits) return Packing::merge_units(reader, into.timer());
  }
  const auto partial = unpack(bytes);
  if (!partial || partial->kind() != into.kind()) return false;
  into.merge(*partial);
  return true;
}

bool add_histogram(std::span<const std::byte> bytes, sketch::HistogramSum& into) {
  ByteReader reader{bytes};
  const unsigned head = reader.u8();
  if (head >> kVersionShift != kVersion ||
      (head & ((1U << kKindBits) - 1)) != static_cast<unsigned>(Kind::Timer))
    return false;
  const auto form = static_cast<sketch::HistogramForm>(head >> kKindBits & ((1U << kFormBits) - 1));
  if (form == sketch::HistogramForm::Buckets) Packing::read_moments(reader);
  return sketch::add_histogram(reader, form, into);
}

}  // namespace ingest::model
