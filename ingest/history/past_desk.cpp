#include "ingest/history/past_desk.h"

#include <utility>

#include "ingest/base/check.h"

namespace ingest::history {

using query::Code;
using query::Fault;

/// A task on the archive's thread: from there it always comes home, or ends with the archive.
class PastDesk::TaskJob final : public archive::Job {
 public:
  static constexpr std::size_t kStepsPerTurn = 8'000;  // series and panes: at most some 5 ms

  TaskJob(std::unique_ptr<RangeTask> task, std::shared_ptr<Home> home)
      : task_(std::move(task)), home_(std::move(home)) {}

  Turn turn(const archive::Reader* reader) override {
    const RangeTask::Stage stage = task_->stage();
    if (!task_->is_dropped()) task_->work_on_disk(reader, kStepsPerTurn);
    if (!task_->is_dropped() && task_->stage() == stage) return Turn::More;
    CHECK(home_->tasks.try_push(task_));  // it has a place for every task
    home_->wake();
    return Turn::Done;
  }
  std::unique_ptr<RangeTask>& task() { return task_; }

 private:
  std::unique_ptr<RangeTask> task_;
  std::shared_ptr<Home> home_;
};

PastDesk::PastDesk(const timeline::Timeline& timeline, const Options& options, Carrier carrier,
                   const std::function<void()>& wake)
    : timeline_(timeline),
      options_(options),
      carrier_(std::move(carrier)),
      home_(std::make_shared<Home>()) {
  CHECK(options_.tasks_max <= Home::kTasksMax);
  home_->wake = wake;
}

PastDesk::~PastDesk() {
  for (const auto& [id, waiting] : waiting_) {
    if (waiting.dropped) waiting.dropped->store(true, std::memory_order_relaxed);
  }
}

PastDesk::Id PastDesk::ask(query::RangeAsk ask, Done done) {
  const Id id = next_id_++;
  ++ledger_.asked;
  Waiting& waiting = waiting_[id];
  waiting.done = std::move(done);
  auto task = RangeTask::open(id, std::move(ask), options_.task);
  if (here_.size() + away_ >= options_.tasks_max) {
    ++ledger_.overloaded;
    task =
        Failure{Fault{Code::ServerOverloaded, "too many questions about the past at once", true}};
  }
  if (task) {
    waiting.dropped = (*task)->dropped();
    here_.push_back(*std::move(task));
  } else {
    refused_.emplace_back(
        id, std::make_shared<const query::RangeAnswer>(Failure{std::move(task).error()}));
  }
  home_->wake();
  return id;
}

void PastDesk::drop(Id id) {
  const auto found = waiting_.find(id);
  if (found == waiting_.end()) return;
  ++ledger_.dropped;
  // relaxed: it carries nothing; who misses it works a slice more.
  if (found->second.dropped) found->second.dropped->store(true, std::memory_order_relaxed);
  waiting_.erase(found);
}

void PastDesk::give(Id id, const query::RangeAnswerPtr& answer) {
  const auto found = waiting_.find(id);
  if (found == waiting_.end()) return;
  const Done done = std::move(found->second.done);
  waiting_.erase(found);
  ++ledger_.answered;
  if (!answer->has_value()) ++ledger_.refused;
  done(answer);
}

void PastDesk::take(std::unique_ptr<RangeTask> task) {
  if (task->is_dropped()) return;
  if (task->stage() == RangeTask::Stage::Answered) {
    ledger_.copied_bytes += task->copied_bytes();
    return give(task->id(), task->answer());
  }
  here_.push_back(std::move(task));
}

bool PastDesk::send(std::unique_ptr<RangeTask>& task) {
  auto job = std::make_unique<TaskJob>(std::move(task), home_);
  TaskJob* const kept = job.get();
  std::unique_ptr<archive::Job> mail = std::move(job);
  if (carrier_(mail)) {
    ++away_;
    return true;
  }
  task = std::move(kept->task());
  return false;
}

bool PastDesk::turn() {
  while (auto task = home_->tasks.try_pop()) {
    --away_;
    take(*std::move(task));
  }
  for (const auto& [id, answer] : std::exchange(refused_, {}))
    give(id, answer);
  std::size_t steps = options_.steps_per_turn;
  bool more = false;
  for (std::size_t left = here_.size(); left > 0; --left) {
    std::unique_ptr<RangeTask> task = std::move(here_.front());
    here_.pop_front();
    if (task->is_dropped()) continue;
    using Stage = RangeTask::Stage;
    const Stage stage = task->stage();
    const bool ours = stage == Stage::Listing || stage == Stage::Copying;
    if (ours && steps > 0) steps -= std::min(steps, task->work_in_memory(timeline_, steps));
    const bool goes = task->stage() == Stage::Planning || task->stage() == Stage::Merging;
    if (task->stage() == Stage::Answered) {
      take(std::move(task));
    } else if (!goes || !send(task)) {
      here_.push_back(std::move(task));
      more = true;
    }
  }
  ledger_.waiting = waiting_.size();
  return more;
}

}  // namespace ingest::history
