#include "gateway/boards/keeper.h"

#include <memory>
#include <optional>
#include <string>
#include <system_error>

namespace gateway::boards {

using ingest::Failure;
using ingest::Result;
using publish::BoardAnswer;
using publish::BoardAsk;

Keeper::Keeper(const Shelf::Options& options, Parts parts)
    : parts_(std::move(parts)), shelf_(options, *parts_.log) {}

Keeper::~Keeper() {
  {
    const std::lock_guard lock{mutex_};
    stop_ = true;
  }
  news_.notify_one();
  if (thread_.joinable()) thread_.join();
}

Result<void> Keeper::start() {
  try {
    thread_ = std::thread{[this] { run(); }};
    return {};
  } catch (const std::system_error& fault) {
    return Failure{
        ingest::Error{fault.code().value(), std::string{"cannot start a thread: "} + fault.what()}};
  }
}

Keeper::Id Keeper::ask(BoardAsk ask, Done done) {
  const Id id = next_id_++;
  waiting_[id] = std::move(done);
  bool full = false;
  {
    const std::lock_guard lock{mutex_};
    full = asked_.size() >= kWaitingMax;
    if (!full) asked_.emplace_back(id, std::move(ask));
  }
  if (full) {
    answer(id, {.is = BoardAnswer::Is::Busy});
  } else {
    news_.notify_one();
  }
  return id;
}

void Keeper::answer(Id id, BoardAnswer answer) {
  {
    const std::lock_guard lock{mutex_};
    answered_.emplace_back(id, std::make_shared<const BoardAnswer>(std::move(answer)));
  }
  parts_.wake();
}

void Keeper::look() {
  std::vector<Answered> all;
  {
    const std::lock_guard lock{mutex_};
    all.swap(answered_);
  }
  for (const auto& [id, told] : all) {
    auto waiting = waiting_.extract(id);
    if (!waiting.empty()) waiting.mapped()(told);
  }
}

void Keeper::run() {
  shelf_.open();
  counts_.publish(shelf_.counts());
  while (auto next = wait_for_ask()) {
    BoardAnswer told = shelf_.answer(next->second, parts_.clock->wall());
    counts_.publish(shelf_.counts());
    answer(next->first, std::move(told));
  }
}

std::optional<Keeper::Asked> Keeper::wait_for_ask() {
  std::unique_lock lock{mutex_};
  news_.wait(lock, [this] { return stop_ || !asked_.empty(); });
  if (asked_.empty()) return std::nullopt;
  Asked next = std::move(asked_.front());
  asked_.pop_front();
  return next;
}

}  // namespace gateway::boards
