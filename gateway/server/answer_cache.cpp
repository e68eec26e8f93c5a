#include "gateway/server/answer_cache.h"

#include <algorithm>
#include <utility>

namespace gateway::server {

std::list<AnswerCache::Answer>::iterator AnswerCache::find_answer(std::string_view key) {
  const auto found = std::ranges::find(answers_, key, &Answer::key);
  if (found != answers_.end()) answers_.splice(answers_.begin(), answers_, found);
  return found;
}

AnswerCache::Found AnswerCache::find(std::string_view key, ingest::MonoTime now,
                                     ingest::Millis fresh_for) {
  const std::lock_guard lock{mutex_};
  const auto known = find_answer(key);
  if (known == answers_.end()) {
    answers_.push_front({.key = std::string{key}, .begun = now, .under_way = true});
    if (answers_.size() > kAnswersMax) answers_.pop_back();
    return {};
  }
  const bool fresh = now - known->made < fresh_for;
  const bool worked_on = known->under_way && now - known->begun < kPatience;
  if (known->body != nullptr && (fresh || worked_on)) return {Is::Fresh, known->body};
  known->under_way = true;
  known->begun = now;
  return {};
}

void AnswerCache::keep(std::string_view key, Body body) {
  const std::lock_guard lock{mutex_};
  const auto known = find_answer(key);
  if (known == answers_.end()) return;  // others came meanwhile, and more of them
  known->body = std::move(body);
  known->made = known->begun;
  known->under_way = false;
}

void AnswerCache::give_up(std::string_view key) {
  const std::lock_guard lock{mutex_};
  const auto known = find_answer(key);
  if (known != answers_.end()) known->under_way = false;
}

}  // namespace gateway::server
