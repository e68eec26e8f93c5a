#include "ingest/model/series_key.h"

#include <algorithm>
#include <utility>

#include "ingest/base/hash_seed.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace ingest::model {
namespace {

constexpr char kEnd = '\0';

/// Takes the text up to the next NUL off the front of `rest`, and the NUL with it.
std::string_view next_part(std::string_view& rest) {
  const std::size_t end = rest.find(kEnd);
  const std::string_view part = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
  return part;
}

std::vector<TagView> split_tags(std::string_view tags, char divider, char separator) {
  std::vector<TagView> found;
  while (!tags.empty()) {
    const std::size_t end = tags.find(divider);
    const std::string_view tag = tags.substr(0, end);
    tags = end == std::string_view::npos ? std::string_view{} : tags.substr(end + 1);
    if (tag.empty()) continue;
    const std::size_t middle = tag.find(separator);
    const bool has_value = middle != std::string_view::npos;
    found.push_back(
        {tag.substr(0, middle), has_value ? tag.substr(middle + 1) : std::string_view{}});
  }
  return found;
}

/// key NUL value NUL key NUL value NUL
std::vector<TagView> split_nul(std::string_view tags) {
  std::vector<TagView> found;
  while (!tags.empty()) {
    TagView& tag = found.emplace_back();
    tag.key = next_part(tags);
    tag.value = next_part(tags);
  }
  return found;
}

/// The next text between two quotes; nothing when there is none.
std::string_view next_quoted(std::string_view& rest) {
  rest.remove_prefix(std::min(rest.find('"'), rest.size() - 1) + 1);
  const std::size_t end = std::min(rest.find('"'), rest.size());
  const std::string_view text = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return text;
}

/// "key":"value","key":"value"
std::vector<TagView> split_quoted(std::string_view tags) {
  std::vector<TagView> found;
  while (tags.find('"') != std::string_view::npos) {
    TagView& tag = found.emplace_back();
    tag.key = next_quoted(tags);
    if (!tags.empty()) tag.value = next_quoted(tags);
  }
  return found;
}

// Influx line protocol: what a backslash makes part of the text.
constexpr std::string_view kEscapedInName = ", ";
constexpr std::string_view kEscapedInTags = ",= ";

/// Appends `text` up to the first of `ends` that no backslash precedes, without the backslashes of
/// escapes. Any other backslash is itself. What follows that byte stays in `text`.
void append_unescaped(std::string_view& text, std::string_view escaped, std::string_view ends,
                      std::string& to) {
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    const bool escape = text[at] == '\\' && at + 1 < text.size() &&
                        escaped.find(text[at + 1]) != std::string_view::npos;
    if (escape) {
      ++at;
    } else if (ends.find(text[at]) != std::string_view::npos) {
      break;
    }
    to.push_back(text[at]);
  }
  text.remove_prefix(std::min(at + 1, text.size()));
}

/// Turns the tags of style Escaped into those of style Nul.
std::string unescaped_tags(std::string_view tags) {
  std::string plain;
  while (!tags.empty()) {
    append_unescaped(tags, kEscapedInTags, "=", plain);
    plain.push_back(kEnd);
    append_unescaped(tags, kEscapedInTags, ",", plain);
    plain.push_back(kEnd);
  }
  return plain;
}

/// Calls with each tag until the call returns false.
template <class Call>
void for_each_tag(std::string_view bytes, Call call) {
  next_part(bytes);  // the name
  while (!bytes.empty()) {
    TagView tag;
    tag.key = next_part(bytes);
    tag.value = next_part(bytes);
    if (!call(tag)) return;
  }
}

}  // namespace

SeriesKey::SeriesKey(Kind kind, std::string_view name, std::vector<TagView> tags,
                     std::uint32_t* duplicates)
    : kind_(kind), bytes_(name) {
  std::stable_sort(tags.begin(), tags.end(),
                   [](const TagView& a, const TagView& b) { return a.key < b.key; });
  for (std::size_t i = 0; i < tags.size(); ++i) {
    if (i + 1 < tags.size() && tags[i + 1].key == tags[i].key) {  // a later one follows
      if (duplicates != nullptr) ++*duplicates;
      continue;
    }
    bytes_.append(1, kEnd).append(tags[i].key).append(1, kEnd).append(tags[i].value);
  }
}

SeriesKey SeriesKey::from_raw(Kind kind, const RawKey& raw, std::uint32_t* duplicates) {
  switch (raw.style) {
    case TagStyle::Colon:
      return {kind, raw.name, split_tags(raw.tags, ',', ':'), duplicates};
    case TagStyle::Equals:
      return {kind, raw.name, split_tags(raw.tags, ',', '='), duplicates};
    case TagStyle::Semicolon:
      return {kind, raw.name, split_tags(raw.tags, ';', '='), duplicates};
    case TagStyle::Quoted:
      return {kind, raw.name, split_quoted(raw.tags), duplicates};
    case TagStyle::Nul:
      return {kind, raw.name, split_nul(raw.tags), duplicates};
    case TagStyle::Escaped:
      break;
  }
  const std::string tags = unescaped_tags(raw.tags);
  std::string name;
  write_name(raw, name);
  return {kind, name, split_nul(tags), duplicates};
}

void SeriesKey::write_name(const RawKey& raw, std::string& to) {
  to.clear();
  if (raw.style != TagStyle::Escaped) {
    to.append(raw.name);
    return;
  }
  RawKey rest = raw;
  append_unescaped(rest.name, kEscapedInName, "", to);
  if (raw.field.empty()) return;
  to.push_back('.');
  append_unescaped(rest.field, kEscapedInTags, "", to);
}

std::string_view SeriesKey::name() const {
  std::string_view rest = bytes_;
  return next_part(rest);
}

std::vector<TagView> SeriesKey::tags() const {
  std::vector<TagView> found;
  for_each_tag(bytes_, [&](const TagView& tag) {
    found.push_back(tag);
    return true;
  });
  return found;
}

std::string_view SeriesKey::tag(std::string_view key) const {
  std::string_view value;
  for_each_tag(bytes_, [&](const TagView& tag) {
    if (tag.key == key) value = tag.value;
    return tag.key < key;
  });
  return value;
}

bool SeriesKey::has_tag(std::string_view key) const {
  bool found = false;
  for_each_tag(bytes_, [&](const TagView& tag) {
    found = tag.key == key;
    return tag.key < key;
  });
  return found;
}

std::uint64_t SeriesKey::hash() const {
  const std::uint64_t seed = hash_seed() ^ static_cast<std::uint64_t>(kind_);
  return XXH3_64bits_withSeed(bytes_.data(), bytes_.size(), seed);
}

}  // namespace ingest::model
