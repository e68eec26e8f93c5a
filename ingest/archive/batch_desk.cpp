#include "ingest/archive/batch_desk.h"

namespace ingest::archive {

// ---- any thread ----

// One look and one word under one lock: two that come at once do not both get the last place.
bool BatchDesk::begins(std::string id, WallTime at, std::uint64_t losses) {
  const std::lock_guard lock{mutex_};
  if (has_no_room()) {
    ++forgotten_;
    return false;
  }
  say({.batch = {.id = std::move(id), .folded = {}, .result = {}},
       .begins = true,
       .at = at,
       .losses = losses});
  return true;
}

// Where there is no room for it, the batch stays begun: its retry hears that nobody can tell. What
// is promised, that the word of a beginning comes before its changes, makes no room for it.
void BatchDesk::taken(BatchTaken batch) {
  const std::lock_guard lock{mutex_};
  if (words_.size() >= kWordsMax || word_bytes_ + bytes_of(batch) > kBytesMax) {
    ++forgotten_;
    return;
  }
  say({.batch = std::move(batch), .begins = false, .at = {}, .losses = 0});
}

std::size_t BatchDesk::bytes_of(const BatchTaken& batch) {
  return sizeof(Word) + batch.id.size() + batch.result.size();
}

void BatchDesk::say(Word word) {
  word_bytes_ += bytes_of(word.batch);
  words_.push_back(std::move(word));
}

std::uint64_t BatchDesk::forgotten() const {
  const std::lock_guard lock{mutex_};
  return forgotten_;
}

bool BatchDesk::is_full() const {
  const std::lock_guard lock{mutex_};
  return has_no_room();
}

bool BatchDesk::has_no_room() const {
  constexpr std::size_t kNext = sizeof(Word) + BatchLog::kIdBytesMax + BatchLog::kResultBytesMax;
  // relaxed: a hint, as is the rest once the lock is free.
  return words_.size() >= kWordsMax || word_bytes_ + kNext > kBytesMax ||
         waiting_bytes_.load(std::memory_order_relaxed) + kNext > kBytesMax;
}

void BatchDesk::forget() {
  const std::lock_guard lock{mutex_};
  ++forgotten_;
}

// ---- the archive's thread ----

void BatchDesk::begin(BatchLog& log, const Word& word) {
  if (begun_.size() >= kBegunMax)
    std::erase_if(begun_,
                  [&](const auto& each) { return each.second.at + BatchLog::kKeptFor <= word.at; });
  log.begun(word.batch.id, word.at);
  if (begun_.size() >= kBegunMax) return forget();  // it stays begun
  begun_[word.batch.id] = {word.at, word.losses};
}

void BatchDesk::take_words(BatchLog& log) {
  if (log.is_full()) return;
  std::deque<Word> words;
  {
    const std::lock_guard lock{mutex_};
    words.swap(words_);
    word_bytes_ = 0;
  }
  for (Word& word : words) {
    if (word.begins) {
      begin(log, word);
      continue;
    }
    const auto known = begun_.find(word.batch.id);
    if (known == begun_.end()) continue;  // its first word was forgotten
    const Begun begun = known->second;
    begun_.erase(known);
    const std::size_t bytes = waiting_bytes_ + bytes_of(word.batch);
    if (bytes > kBytesMax) {
      forget();
      continue;
    }
    waiting_bytes_ = bytes;
    waiting_.push_back({std::move(word.batch), begun});
  }
}

void BatchDesk::settle(BatchLog& log, WallTime whole, std::uint64_t losses) {
  std::erase_if(waiting_, [&](const Waiting& each) {
    if (each.batch.folded >= whole) return false;
    waiting_bytes_ -= bytes_of(each.batch);
    if (each.begun.losses == losses) log.done(each.batch.id, each.begun.at, each.batch.result);
    return true;  // who lost something stays begun
  });
}

}  // namespace ingest::archive
