#include "ingest/archive/batch_desk.h"

namespace ingest::archive {

// ---- any thread ----

void BatchDesk::begins(std::string id, WallTime at, std::uint64_t losses) {
  say({.batch = {.id = std::move(id), .folded = {}, .result = {}},
       .begins = true,
       .at = at,
       .losses = losses});
}

void BatchDesk::taken(BatchTaken batch) {
  say({.batch = std::move(batch), .begins = false, .at = {}, .losses = 0});
}

void BatchDesk::say(Word word) {
  const std::lock_guard lock{mutex_};
  words_.push_back(std::move(word));
  if (words_.size() <= kWordsMax) return;
  words_.pop_front();
  ++forgotten_;
}

std::uint64_t BatchDesk::forgotten() const {
  const std::lock_guard lock{mutex_};
  return forgotten_;
}

// ---- the archive's thread ----

void BatchDesk::take_words(BatchLog& log) {
  std::deque<Word> words;
  {
    const std::lock_guard lock{mutex_};
    words.swap(words_);
  }
  for (Word& word : words) {
    if (word.begins) {
      log.begun(word.batch.id, word.at);
      begun_[word.batch.id] = {word.at, word.losses};
      continue;
    }
    const auto known = begun_.find(word.batch.id);
    if (known == begun_.end()) continue;  // its first word was forgotten
    waiting_.push_back({std::move(word.batch), known->second});
    begun_.erase(known);
  }
}

void BatchDesk::settle(BatchLog& log, WallTime whole, std::uint64_t losses) {
  std::erase_if(waiting_, [&](const Waiting& each) {
    if (each.batch.folded >= whole) return false;
    if (each.begun.losses == losses) log.done(each.batch.id, each.begun.at, each.batch.result);
    return true;  // who lost something stays begun
  });
}

}  // namespace ingest::archive
