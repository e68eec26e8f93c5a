#pragma once
// LineLedger: where every received line went. Shared by all text formats and by what cuts streams
// into lines. Plain words, so that a feed publishes it whole; adds_up() holds after every call that
// takes one.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace ingest::codec {

/// Why a line was dropped: the label `reason` of weir_ingest_rejected_total. Append only.
enum class Reject : std::uint8_t {
  EmptyName,        // :1|c
  MissingValue,     // a|c
  EmptyValue,       // a:|c
  BadValue,         // a:0x10|c
  NotFinite,        // a:nan|g, a:1e999|g
  MissingKind,      // a:1
  EmptyKind,        // a:1|
  UnknownKind,      // a:1|q
  BadRate,          // a:1|c|@0
  BadTime,          // a:1|c|T-5
  RepeatedField,    // a:1|c|@0.1|@0.2
  MixedTags,        // a,k=v:1|c|#k:v
  BadTags,          // a[k=v:1|c
  EmptyTagKey,      // a:1|c|#:v
  BadAnnotation,    // _e{x}:
  BadUtf8,          // not UTF-8, or a NUL
  NameTooLong,      // model::kNameBytesMax
  TagKeyTooLong,    // model::kTagKeyBytesMax
  TagValueTooLong,  // model::kTagValueBytesMax
  TooManyTags,      // model::kTagsMax
  LineTooLong,      // kLineBytesMax
  Overflow,         // a f=9223372036854775808i
  EmptyTagValue,    // m,t= f=1
  MissingField,     // m
  EmptyField,       // m =1
  TooManyFields,    // kFieldsMax of its codec
  OpenString,       // m f="abc
  MissingTime,      // a 1 (Graphite)
  TrailingText,     // m f=1 1700000000 x
  MissingName,      // {"value":1}
  TooManyValues,    // kValuesMax of its codec
  BadJson,          // {"name":
  BadField,         // {"name":5}
};
constexpr std::size_t kRejects = static_cast<std::size_t>(Reject::BadField) + 1;

/// "empty_name".
std::string_view reject_name(Reject reason);

/// The longest line, its end not counted.
constexpr std::size_t kLineBytesMax = std::size_t{64} * 1024;

struct LineLedger {
  struct Ignored {
    std::uint64_t blank = 0;
    std::uint64_t comment = 0;
    std::uint64_t annotation = 0;  // DogStatsD events and service checks
  };
  struct Cut {
    std::uint64_t truncated = 0;  // the end of a datagram larger than our buffer
    std::uint64_t tcp_tail = 0;   // a stream closed within a line
  };
  /// Remarks on accepted lines; no part of the sum.
  struct Notes {
    std::uint64_t rate_ignored = 0;   // a rate on a gauge or a set
    std::uint64_t unknown_field = 0;  // a:1|c|zz:9
    std::uint64_t string_field = 0;   // m f="text": skipped
  };

  std::uint64_t received = 0;
  std::uint64_t accepted = 0;
  std::array<std::uint64_t, kRejects> rejected{};
  Ignored ignored;
  Cut cut;
  Notes notes;
  std::uint64_t samples = 0;  // produced by accepted lines

  void reject(Reject reason) { ++rejected[static_cast<std::size_t>(reason)]; }
  std::uint64_t rejected_for(Reject reason) const {
    return rejected[static_cast<std::size_t>(reason)];
  }
  std::uint64_t rejected_total() const;
  /// received = accepted + rejected + ignored + cut.
  bool adds_up() const;
};
static_assert(std::is_trivially_copyable_v<LineLedger>);
static_assert(sizeof(LineLedger) % sizeof(std::uint64_t) == 0);

}  // namespace ingest::codec
