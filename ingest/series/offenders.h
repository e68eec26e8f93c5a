#pragma once
// Offenders: who makes samples go elsewhere than where they were meant: by metric name and cap,
// with the tag that has the most values, and by sender. Recent: the last kWindow to twice that, so
// that last month's offender fades. In fixed memory, whatever the names are: SpaceSaving keeps the
// heaviest. Pure. Owned by one worker, its thread only, the slow path; a view() is immutable and
// goes to whoever asks.

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/base/clock.h"
#include "ingest/model/cap.h"
#include "ingest/model/series_key.h"
#include "ingest/series/source_book.h"
#include "ingest/sketch/space_saving.h"

namespace ingest::series {

using model::Cap;
using model::cap_name;

/// What a source did.
enum class Offence : std::uint8_t {
  Rate,        // more samples a second than its feed allows
  NotAllowed,  // not in its feed's allow-list
  NewSeries,   // samples that folded into an overflow series
  Writes,      // HTTP writes before it had made up for the last; these are requests, not samples
};
/// "rate", "not_allowed", "new_series", "writes".
std::string_view offence_name(Offence offence);

/// "192.0.2.1", "2001:db8::" of a /64; "local" of who has no address, "others" of many.
std::string sender_text(const Sender& sender);

/// The worst of some time, as one or more workers saw them. Estimates are in samples; the true
/// number is at most that, and at least that less `error`.
class OffendersView {
 public:
  static constexpr std::size_t kNamesMax = 64;
  static constexpr std::size_t kTagsMax = 128;
  static constexpr std::size_t kSourcesMax = 64;

  struct Name {
    std::string name;  // at most model::kNameBytesMax bytes of it
    Cap cap = Cap::Series;
    std::uint64_t samples = 0;
    std::uint64_t error = 0;
    std::string tag;  // the key with the most values among them; empty where there is none
    std::uint64_t tag_values = 0;  // about how many
  };
  struct Source {
    std::string address;  // "192.0.2.1", "2001:db8::" of a /64; "local", "others"
    Offence offence = Offence::Rate;
    std::uint64_t samples = 0;
    std::uint64_t error = 0;
  };

  void merge(const OffendersView& other);
  /// The worst first.
  std::vector<Name> names(std::size_t names_max) const;
  std::vector<Source> sources(std::size_t sources_max) const;
  bool empty() const { return names_.size() == 0 && sources_.size() == 0; }

 private:
  friend class Offenders;
  sketch::SpaceSaving names_{kNamesMax};      // cap, name
  sketch::SpaceSaving tags_{kTagsMax};        // name NUL key, by values not seen lately
  sketch::SpaceSaving sources_{kSourcesMax};  // offence, address
};

class Offenders {
 public:
  static constexpr Millis kWindow{300'000};

  /// A sample that would have begun the series `key` ran into `cap`.
  void refused(Cap cap, const model::SeriesKey& key, const Sender& sender);
  /// A further one of the same name and tags, a little later.
  void refused_again(Cap cap, std::string_view name, const Sender& sender);
  /// The hub folded `key` for a cap of all workers together: whose it was is not known any more.
  void folded(Cap cap, const model::SeriesKey& key);
  void limited(Offence offence, const Sender& sender, std::uint64_t samples);

  /// Lets what is older than twice kWindow go. Call it now and then.
  void pass_time(MonoTime now);
  /// Whether view() would look different from the last one.
  bool changed() const { return changed_; }
  OffendersView view();

 private:
  void note_name(Cap cap, std::string_view name);
  void note_tags(const model::SeriesKey& key);

  OffendersView now_;
  OffendersView before_;
  MonoTime began_{};
  bool begun_ = false;
  bool changed_ = false;
  // Of name, key and value: which were seen. A filter, so a few new ones look old.
  static constexpr std::size_t kSeenBits = std::size_t{1} << 16U;
  std::bitset<kSeenBits> seen_;
  std::size_t seen_count_ = 0;
  std::string scratch_;
};

}  // namespace ingest::series
