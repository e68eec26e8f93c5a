#pragma once
// Annotation: a remark on time that is no measurement: an event (a deploy, a restart) or a service
// check. As a codec found it, its views dying with the received bytes; and as it is kept, with
// bytes of its own, cut to the limits below. Values; any thread.

#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/base/clock.h"

namespace ingest::model {

struct Annotation {
  enum class Of : std::uint8_t { Event, Check };
  enum class Level : std::uint8_t { Info, Success, Warning, Error };
  enum class Priority : std::uint8_t { Normal, Low };
  Of of = Of::Event;
  Level level = Level::Info;  // a check: ok is Success, critical Error, unknown Info
  Priority priority = Priority::Normal;
  std::string_view title{};  // of an event; the name of a check
  std::string_view text{};   // as written, `\n` still two characters
  std::string_view host{};
  std::string_view aggregation_key{};  // what events belong together
  std::string_view source_type{};      // the kind of program that says it
  std::string_view tags{};             // style Colon
  std::optional<WallTime> time{};      // none: the arrival time
  /// Who sent it, as Sample::source. SampleBatch writes it.
  std::uint32_t source = 0;
};

/// What is longer is cut between two characters.
constexpr std::size_t kTitleBytesMax = 255;
constexpr std::size_t kTextBytesMax = 4'096;
constexpr std::size_t kLabelBytesMax = 255;   // of host, aggregation key and source type
constexpr std::size_t kTagsBytesMax = 2'048;  // keys and values; what is past it is left out

struct KeptTag {
  std::string key;
  std::string value;
  auto operator<=>(const KeptTag&) const = default;  // NOLINT(modernize-use-nullptr): false alarm
};

struct KeptAnnotation {
  Annotation::Of of = Annotation::Of::Event;
  Annotation::Level level = Annotation::Level::Info;
  Annotation::Priority priority = Annotation::Priority::Normal;
  bool cut = false;  // some of it was left out, for a limit above
  WallTime time;
  std::string title;
  std::string text;  // `\n` has become a line's end
  std::string host;
  std::string aggregation_key;
  std::string source_type;
  std::vector<KeptTag> tags;  // by key; the last of duplicates
};
using KeptAnnotationPtr = std::shared_ptr<const KeptAnnotation>;

/// With bytes of its own. `arrival` is its time where it says none.
KeptAnnotation keep(const Annotation& annotation, WallTime arrival);

/// What it takes in memory, about.
std::size_t held_bytes(const KeptAnnotation& annotation);
/// The most that can be.
std::size_t held_bytes_max();

}  // namespace ingest::model
