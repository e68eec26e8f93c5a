#include "ingest/hub/annotation_log.h"

#include <algorithm>

namespace ingest::hub {

using model::Annotation;
using model::KeptAnnotationPtr;

void AnnotationLog::take(KeptAnnotationPtr annotation) {
  if (annotation->time < oldest_) {
    ++ledger_.late;
    return;
  }
  if (annotation->of == Annotation::Of::Check && !take_check(annotation)) return;
  enter(std::move(annotation));
}

bool AnnotationLog::take_check(const KeptAnnotationPtr& check) {
  const auto [known, first] = checks_.try_emplace(CheckKey{check->title, check->host}, check);
  bool news = check->level != Annotation::Level::Success;
  if (!first) {
    if (check->time < known->second->time) {
      ++ledger_.outdated;
      return false;
    }
    const KeptAnnotationPtr before = std::exchange(known->second, check);
    ledger_.bytes -= held_bytes(*before);
    news = before->level != check->level;
  }
  ledger_.bytes += held_bytes(*check);
  changed_ = true;
  if (!news) ++ledger_.unchanged;
  if (checks_.size() > kChecksMax) make_room_for_a_check();
  return news;
}

// Rare: who has so many checks has few new ones.
void AnnotationLog::make_room_for_a_check() {
  const auto silent = std::min_element(
      checks_.begin(), checks_.end(),
      [](const auto& a, const auto& b) { return a.second->time < b.second->time; });
  ledger_.bytes -= held_bytes(*silent->second);
  checks_.erase(silent);
  ++ledger_.checks_evicted;
}

void AnnotationLog::enter(KeptAnnotationPtr annotation) {
  const WallTime time = annotation->time;
  const auto after = [](WallTime when, const query::NumberedAnnotation& other) {
    return when < other.what->time;
  };
  ledger_.bytes += held_bytes(*annotation);
  log_.insert(std::upper_bound(log_.begin(), log_.end(), time, after),
              {++newest_, std::move(annotation)});
  ++ledger_.kept;
  changed_ = true;
  if (log_.size() > options_.count_max) drop_oldest(ledger_.evicted);
}

void AnnotationLog::drop_oldest(std::uint64_t& counted) {
  ledger_.bytes -= held_bytes(*log_.front().what);
  log_.pop_front();
  ++counted;
  changed_ = true;
}

void AnnotationLog::forget_checks(WallTime before) {
  const std::size_t forgotten = std::erase_if(checks_, [&](const auto& check) {
    if (check.second->time >= before) return false;
    ledger_.bytes -= held_bytes(*check.second);
    return true;
  });
  changed_ = changed_ || forgotten > 0;
}

std::shared_ptr<const query::Annotations> AnnotationLog::tick(WallTime now) {
  oldest_ = std::max(oldest_, now - options_.retention);
  while (!log_.empty() && log_.front().what->time < oldest_)
    drop_oldest(ledger_.aged);
  forget_checks(oldest_);
  ledger_.held = log_.size();
  ledger_.checks = checks_.size();
  if (!std::exchange(changed_, false)) return nullptr;
  auto made = std::make_shared<query::Annotations>();
  made->log.assign(log_.begin(), log_.end());
  made->checks.reserve(checks_.size());
  for (const auto& [key, check] : checks_)
    made->checks.push_back(check);
  made->newest = newest_;
  return made;
}

}  // namespace ingest::hub
