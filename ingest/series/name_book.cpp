#include "ingest/series/name_book.h"

#include <algorithm>
#include <cstring>

#include "ingest/base/hash_seed.h"
#include "ingest/model/glob.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace ingest::series {

std::uint64_t NameBook::hash_of(std::string_view name) {
  return XXH3_64bits_withSeed(name.data(), name.size(), hash_seed());
}

NameBook::Index NameBook::find(std::string_view name) const {
  return by_name_.find(hash_of(name), [&](Index index) { return text(index) == name; });
}

NameBook::Index NameBook::add(std::string_view name, IndexMap::Need need) {
  const bool reused = !free_.empty();
  const Index index = reused ? free_.back() : static_cast<Index>(names_.size());
  if (!by_name_.insert(hash_of(name), index, need)) return kNone;
  if (reused) {
    free_.pop_back();
  } else {
    names_.emplace_back();
    watched_.push_back(0);
  }
  const BytePool::Ref text = pool_.take(std::max<std::size_t>(1, name.size()));
  std::copy(name.begin(), name.end(), pool_.at(text));
  names_[index] = {text, static_cast<std::uint32_t>(name.size()), {}};
  watched_[index] = matches(name) ? 1 : 0;
  return index;
}

void NameBook::remove(Index name) {
  by_name_.erase(hash_of(text(name)), name);
  pool_.give(names_[name].text);
  names_[name] = {};
  watched_[name] = 0;
  free_.push_back(name);
}

void NameBook::watch(const model::WatchList& list) {
  watched_names_.clear();
  watched_globs_.clear();
  for (const std::string& each : list.globs) {
    if (model::is_glob(each)) {
      watched_globs_.push_back(each);
    } else {
      watched_names_.insert(each);
    }
  }
  compare_next_ = 0;
}

bool NameBook::watch_some(std::size_t names_max) {
  const std::size_t cost = 1 + watched_globs_.size() / kGlobsAName;
  const std::size_t count = std::max<std::size_t>(1, names_max / cost);
  const std::size_t end = std::min(names_.size(), compare_next_ + count);
  for (; compare_next_ < end; ++compare_next_) {
    const auto index = static_cast<Index>(compare_next_);
    if (names_[index].text != BytePool::kNone) watched_[index] = matches(text(index)) ? 1 : 0;
  }
  return compare_next_ < names_.size();
}

bool NameBook::matches(std::string_view name) const {
  return watched_names_.contains(name) ||
         std::any_of(watched_globs_.begin(), watched_globs_.end(),
                     [&](const std::string& glob) { return model::glob_matches(glob, name); });
}

std::size_t NameBook::held_bytes() const {
  return by_name_.held_bytes() + names_.size() * sizeof(Name) + watched_.capacity() +
         free_.capacity() * sizeof(Index);
}

}  // namespace ingest::series
