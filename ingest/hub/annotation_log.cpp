#include "ingest/hub/annotation_log.h"

#include <algorithm>
#include <utility>

namespace ingest::hub {

using model::Annotation;
using model::KeptAnnotationPtr;

namespace {

constexpr std::size_t kCheckNodes = 128;  // in both maps

/// What a check is known by: the same for each of its words.
std::size_t key_bytes(const model::KeptAnnotation& check) {
  std::size_t bytes = kCheckNodes + check.title.size() + check.host.size();
  for (const model::KeptTag& tag : check.tags)
    bytes += sizeof tag + tag.key.size() + tag.value.size();
  return bytes;
}

}  // namespace

void AnnotationLog::take(KeptAnnotationPtr annotation) {
  if (annotation->time < oldest_) {
    ++ledger_.late;
    return;
  }
  if (annotation->of == Annotation::Of::Check && !take_check(annotation)) return;
  enter(std::move(annotation));
}

bool AnnotationLog::take_check(const KeptAnnotationPtr& check) {
  const auto [known, first] =
      checks_.try_emplace(CheckKey{check->title, check->host, check->tags}, Check{});
  Check& held = known->second;
  bool news = check->level != Annotation::Level::Success;
  if (!first) {
    if (check->time < held.last->time) {
      ++ledger_.outdated;
      return false;
    }
    ledger_.bytes -= held_bytes(*held.last);
    news = held.last->level != check->level;
    checks_by_time_.erase(held.at);
  }
  held = {.last = check, .at = checks_by_time_.emplace(check->time, &known->first)};
  ledger_.bytes += held_bytes(*check);
  if (first) ledger_.bytes += key_bytes(*check);
  changed_ = true;
  if (!news) ++ledger_.unchanged;
  if (checks_.size() > kChecksMax) {
    forget_longest_silent_check();
    ++ledger_.checks_evicted;
  }
  return news;
}

void AnnotationLog::forget_longest_silent_check() {
  const auto silent = checks_by_time_.begin();
  const auto check = checks_.find(*silent->second);
  ledger_.bytes -= held_bytes(*check->second.last) + key_bytes(*check->second.last);
  checks_by_time_.erase(silent);
  checks_.erase(check);
  changed_ = true;
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

std::size_t AnnotationLog::key_bytes_max() {
  return kCheckNodes + model::held_bytes_max() - model::kTextBytesMax;
}

std::shared_ptr<const query::Annotations> AnnotationLog::tick(WallTime now) {
  oldest_ = std::max(oldest_, now - options_.retention);
  while (!log_.empty() && log_.front().what->time < oldest_)
    drop_oldest(ledger_.aged);
  while (!checks_by_time_.empty() && checks_by_time_.begin()->first < oldest_)
    forget_longest_silent_check();
  ledger_.held = log_.size();
  ledger_.checks = checks_.size();
  if (!std::exchange(changed_, false)) return nullptr;
  auto made = std::make_shared<query::Annotations>();
  made->log.assign(log_.begin(), log_.end());
  made->checks.reserve(checks_.size());
  for (const auto& [key, check] : checks_)
    made->checks.push_back(check.last);
  made->newest = newest_;
  return made;
}

}  // namespace ingest::hub
