// What becomes of a sample whose series would be new: its own series, or past a cap another's.

#include <algorithm>
#include <limits>

#include "ingest/base/check.h"
#include "ingest/series/series_table.h"

namespace ingest::series {

using model::SeriesKey;

namespace {

std::uint16_t seconds_of(WallTime time) {
  return static_cast<std::uint16_t>(
      std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count());
}

}  // namespace

SeriesTable::Ref SeriesTable::place_for(const SeriesKey& key, const Probe& probe, bool& overflow,
                                        WallTime now) {
  std::optional<Cap> cap = cap_for(key, probe.source);
  if (!cap) {
    const Ref own = add(key, &probe);
    if (own != kNone) return own;
    cap = Cap::Series;  // a map can take no more
  }
  overflow = true;
  if (guards_.sources != nullptr) guards_.sources->refused(probe.source);
  if (guards_.offenders != nullptr) {
    const bool known = guards_.sources != nullptr;
    guards_.offenders->refused(
        *cap, key, known ? guards_.sources->sender(probe.source) : Sender{.shared = true});
  }
  const Ref into = overflow_for(key, *cap);
  // A source may begin a series again a moment later; all other caps stand until a series ends.
  if (*cap != Cap::NewSeries) {
    constexpr std::uint32_t kMax = std::numeric_limits<std::uint8_t>::max();
    refusals_.remember({.hash = probe.hash,
                        .into = into,
                        .cap = *cap,
                        .duplicates = static_cast<std::uint8_t>(std::min(probe.duplicates, kMax))},
                       now);
  }
  return into;
}

SeriesTable::Found SeriesTable::refuse_again(const Refusals::Refusal& refusal, const Probe& probe,
                                             WallTime now) {
  counts_.duplicate_tags += refusal.duplicates;
  tell_again(refusal.cap, *probe.raw, probe.source);
  SeriesRecord& found = record(refusal.into);
  found.last = now;
  return {{found.index, found.generation}, names_.watched(found.name), true};
}

void SeriesTable::tell_again(Cap cap, const model::RawKey& raw, SourceBook::Index source) {
  if (guards_.sources != nullptr) guards_.sources->refused(source);
  if (guards_.offenders == nullptr) return;
  const bool known = guards_.sources != nullptr;
  SeriesKey::write_name(raw, name_text_);
  guards_.offenders->refused_again(
      cap, name_text_, known ? guards_.sources->sender(source) : Sender{.shared = true});
}

void SeriesTable::folded(const model::SeriesFolded& told, WallTime now) {
  static_assert(model::kCaps <= 16, "SeriesRecord::cap has four bits");
  if (told.series.index >= locals_.size()) return;
  const Local& local = locals_[told.series.index];
  if (local.record == kNone || local.generation != told.series.generation) return;
  SeriesRecord& found = record(local.record);
  found.folded = true;
  found.cap = static_cast<std::uint8_t>(told.cap) & 15U;
  found.told = seconds_of(now);
  if (guards_.offenders != nullptr) guards_.offenders->folded(told.cap, key_of(local.record));
}

// Until the hub says otherwise its samples are its own: for a tick at most, as when it was new. Who
// is about to expire asks for nothing.
void SeriesTable::ask_again(SeriesRecord& folded, Ref ref, WallTime now) {
  const auto since = static_cast<std::uint16_t>(seconds_of(now) - folded.told);
  if (since < kAskAgain.count() || now - folded.last >= kAskAgain) return;
  if (born_.size() == kAskedASlice) return;
  folded.folded = false;
  born_.push_back({{folded.index, folded.generation}, key_of(ref)});
}

// What a new series runs into. The source is asked last: its leave is used up by the asking.
std::optional<Cap> SeriesTable::cap_for(const SeriesKey& key, SourceBook::Index source) {
  const NameBook::Index name = names_.find(key.name());
  if (name == NameBook::kNone) {
    if (own_names_ >= options_.names_max) return Cap::Names;
  } else if (names_.counts(name).own >= options_.series_per_name_max) {
    return Cap::SeriesPerName;
  }
  if (own_series_ >= options_.series_max) return Cap::Series;
  if (!tag_values_.fits(key)) return Cap::ValuesPerTag;
  if (guards_.sources != nullptr && !guards_.sources->admit_series(source)) return Cap::NewSeries;
  return std::nullopt;
}

SeriesTable::Ref SeriesTable::overflow_for(const SeriesKey& key, Cap cap) {
  const bool name_may_come = own_names_ < options_.names_max && cap != Cap::NewSeries;
  const bool name_fits = name_may_come || names_.find(key.name()) != NameBook::kNone;
  if (name_fits && key.name() != kOverflowName) {
    const SeriesKey sibling{key.kind(), key.name(), {{kOverflowTag, "true"}}};
    Ref ref = find_key(sibling);
    if (ref == kNone) ref = add(sibling, nullptr);
    if (ref != kNone) return ref;
  }
  Ref& last = last_resort_[static_cast<std::size_t>(key.kind())];
  if (last == kNone) {
    const SeriesKey of_all{key.kind(), kOverflowName, {}};
    last = find_key(of_all);
    if (last == kNone) last = add(of_all, nullptr);
    CHECK(last != kNone);
  }
  return last;
}

}  // namespace ingest::series
