#include "ingest/series/offenders.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "ingest/base/hash_seed.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace ingest::series {
namespace {

constexpr char kNul = '\0';

/// Cut between characters of UTF-8.
std::string_view bounded_name(std::string_view name) {
  if (name.size() <= model::kNameBytesMax) return name;
  std::size_t end = model::kNameBytesMax;
  while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0U) == 0x80U)
    --end;
  return name.substr(0, end);
}

/// The offence, and the address behind it unless it is shared.
void write_source(Offence offence, const Sender& sender, std::string& text) {
  text.assign(1, static_cast<char>(offence));
  if (sender.shared) return;
  text.append(reinterpret_cast<const char*>(sender.host.data()), sender.host.size());
}

std::string address_text(std::string_view bytes) {
  Sender sender{.shared = bytes.size() != IpAddress{}.size()};
  if (!sender.shared) std::memcpy(sender.host.data(), bytes.data(), bytes.size());
  return sender_text(sender);
}

std::uint64_t hash_of(std::string_view name, const model::TagView& tag) {
  const std::uint64_t of_name = XXH3_64bits_withSeed(name.data(), name.size(), hash_seed());
  const std::uint64_t of_key = XXH3_64bits_withSeed(tag.key.data(), tag.key.size(), of_name);
  return XXH3_64bits_withSeed(tag.value.data(), tag.value.size(), of_key);
}

}  // namespace

std::string_view offence_name(Offence offence) {
  switch (offence) {
    case Offence::Rate:
      return "rate";
    case Offence::NotAllowed:
      return "not_allowed";
    case Offence::NewSeries:
      return "new_series";
    case Offence::Writes:
      return "writes";
  }
  return "";
}

std::string sender_text(const Sender& sender) {
  if (sender.shared) return "others";
  return sender.host == IpAddress{} ? "local" : ip_text(sender.host);
}

// ---- what is seen of it ----

void OffendersView::merge(const OffendersView& other) {
  names_.merge(other.names_);
  tags_.merge(other.tags_);
  sources_.merge(other.sources_);
}

std::vector<OffendersView::Name> OffendersView::names(std::size_t names_max) const {
  const std::vector<sketch::SpaceSaving::Item> tags = tags_.top(kTagsMax);
  std::vector<Name> names;
  for (const sketch::SpaceSaving::Item& item : names_.top(names_max)) {
    Name& worst = names.emplace_back();
    worst.cap = static_cast<Cap>(item.key.front());
    worst.name = item.key.substr(1);
    worst.samples = item.estimate;
    worst.error = item.error;
    const std::string prefix = worst.name + kNul;
    const auto tag = std::find_if(tags.begin(), tags.end(),
                                  [&](const auto& each) { return each.key.starts_with(prefix); });
    if (tag == tags.end()) continue;
    worst.tag = tag->key.substr(prefix.size());
    worst.tag_values = tag->estimate;
  }
  return names;
}

std::vector<OffendersView::Source> OffendersView::sources(std::size_t sources_max) const {
  std::vector<Source> sources;
  for (const sketch::SpaceSaving::Item& item : sources_.top(sources_max)) {
    sources.push_back({.address = address_text(std::string_view{item.key}.substr(1)),
                       .offence = static_cast<Offence>(item.key.front()),
                       .samples = item.estimate,
                       .error = item.error});
  }
  return sources;
}

// ---- what happens ----

void Offenders::refused(Cap cap, const model::SeriesKey& key, const Sender& sender) {
  note_tags(key);
  refused_again(cap, key.name(), sender);
}

void Offenders::refused_again(Cap cap, std::string_view name, const Sender& sender) {
  note_name(cap, name);
  limited(Offence::NewSeries, sender, 1);
}

// It was born of one sample at least.
void Offenders::folded(Cap cap, const model::SeriesKey& key) {
  note_tags(key);
  note_name(cap, key.name());
}

void Offenders::note_name(Cap cap, std::string_view name) {
  scratch_.assign(1, static_cast<char>(cap)).append(bounded_name(name));
  now_.names_.add(scratch_);
  changed_ = true;
}

void Offenders::note_tags(const model::SeriesKey& key) {
  const std::string_view name = bounded_name(key.name());
  for (const model::TagView& tag : key.tags()) {
    const std::size_t bit = hash_of(name, tag) % kSeenBits;
    if (seen_[bit]) continue;
    if (++seen_count_ > kSeenBits / 2) {  // too full to tell: what it counted so far stays
      seen_.reset();
      seen_count_ = 1;
    }
    seen_.set(bit);
    scratch_.assign(name).append(1, kNul).append(tag.key);
    now_.tags_.add(scratch_);
  }
}

void Offenders::limited(Offence offence, const Sender& sender, std::uint64_t samples) {
  write_source(offence, sender, scratch_);
  now_.sources_.add(scratch_, samples);
  changed_ = true;
}

void Offenders::pass_time(MonoTime now) {
  if (!std::exchange(begun_, true)) began_ = now;
  if (now - began_ < kWindow) return;
  changed_ = changed_ || !before_.empty() || !now_.empty();
  if (now - began_ >= 2 * kWindow) now_ = {};  // nobody called for so long
  before_ = std::exchange(now_, {});
  seen_.reset();
  seen_count_ = 0;
  began_ = now;
}

OffendersView Offenders::view() {
  changed_ = false;
  OffendersView both = before_;
  both.merge(now_);
  return both;
}

}  // namespace ingest::series
