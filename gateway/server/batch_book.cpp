#include "gateway/server/batch_book.h"

namespace gateway::server {

void BatchBook::forget_oldest(ingest::MonoTime now) {
  while (!entries_.empty()) {
    const bool old = now - entries_.front().at >= kKept;
    if (!old && entries_.size() < batches_max_) return;
    if (!old) ++forgotten_early_;
    by_key_.erase(entries_.front().key);
    entries_.pop_front();
  }
}

BatchBook::Begun BatchBook::begin(const std::string& key, ingest::MonoTime now) {
  const std::lock_guard lock{mutex_};
  const auto known = by_key_.find(key);
  if (known != by_key_.end() && now - known->second->at < kKept) {
    const Entry& entry = *known->second;
    if (!entry.done) return {.is = Is::Busy, .done = {}};
    return {.is = Is::Repeated, .done = *entry.done};
  }
  // Workers' clocks differ by a turn: it is too old and yet may stand behind one that is not.
  if (known != by_key_.end()) {
    entries_.erase(known->second);
    by_key_.erase(known);
  }
  forget_oldest(now);
  entries_.push_back({.key = key, .at = now, .done = {}});
  by_key_.emplace(key, std::prev(entries_.end()));
  return {};
}

void BatchBook::finish(const std::string& key, const Done& done) {
  const std::lock_guard lock{mutex_};
  const auto known = by_key_.find(key);
  if (known != by_key_.end()) known->second->done = done;
}

void BatchBook::abandon(const std::string& key) {
  const std::lock_guard lock{mutex_};
  const auto known = by_key_.find(key);
  if (known == by_key_.end()) return;
  entries_.erase(known->second);
  by_key_.erase(known);
}

std::size_t BatchBook::size() const {
  const std::lock_guard lock{mutex_};
  return entries_.size();
}

std::uint64_t BatchBook::forgotten_early() const {
  const std::lock_guard lock{mutex_};
  return forgotten_early_;
}

}  // namespace gateway::server
