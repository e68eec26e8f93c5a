#include "ingest/archive/archive.h"

#include <algorithm>
#include <system_error>
#include <thread>
#include <utility>

#include "ingest/archive/archive_state.h"
#include "ingest/archive/restorer.h"

namespace ingest::archive {

Archive::Archive(std::unique_ptr<State> state) : state_(std::move(state)) {}
Archive::~Archive() {
  stop();
}

Result<std::unique_ptr<Archive>> Archive::open(const Options& options, const Clock& clock,
                                               const io::Logger& log) {
  auto loop = TRY(io::EventLoop::open(clock));
  auto state = std::make_unique<State>(options, clock, log, std::move(loop));
  if (!options.path.empty()) {
    if (const auto opened = state->open_disk(); !opened) {
      if (opened.error().code == Disk::kInUse) return Failure{opened.error()};
      state->away(opened.error());
    } else {
      state->plan_start();
    }
  }
  state->publish();
  return std::unique_ptr<Archive>{new Archive(std::move(state))};
}

std::optional<WallTime> Archive::restores_from() const {
  return state_->plan ? std::optional{state_->plan->from} : std::nullopt;
}

void Archive::restore(const Restore& restore) {
  if (!state_->plan) return;
  Restorer restorer{*state_->disk, state_->levels, restore};
  restorer.all(*state_->plan);
  state_->plan->series.clear();
  state_->ledger.damaged_deltas += restorer.damaged();
  state_->publish();
}

Result<void> Archive::start() {
  State* const state = state_.get();
  state->loop->on_wake([state] { state->pump(); });
  state->loop->on_turn_end([state] {
    if (!state->stop_wanted.load(std::memory_order_relaxed)) state->work();
  });
  try {
    state->thread = std::thread{[state] { state->loop->run(); }};
    state->loop->wake();
    return {};
  } catch (const std::system_error& fault) {
    return Failure{
        Error{fault.code().value(), std::string{"cannot start a thread: "} + fault.what()}};
  }
}

bool Archive::try_send(std::unique_ptr<Batch>& batch) {
  if (!state_->batches.try_push(batch)) return false;
  state_->loop->wake();
  return true;
}

bool Archive::try_ask(std::unique_ptr<Job>& job) {
  if (!state_->asked.try_push(job)) return false;
  state_->loop->wake();
  return true;
}

WallTime Archive::durable_until() const {
  // acquire: pairs with sync().
  return wall_from_ms(state_->durable_ms.load(std::memory_order_acquire));
}

std::uint64_t Archive::losses() const {
  return state_->lost.load(std::memory_order_acquire);
}

ArchiveLedger Archive::ledger() const {
  return state_->published.read();
}

std::vector<BatchLog::Found> Archive::batches() const {
  return state_->disk == nullptr ? std::vector<BatchLog::Found>{} : state_->disk->batches().found();
}

bool Archive::batch_begins(std::string id) {
  if (state_->options.path.empty()) return true;
  return state_->batch_desk.begins(std::move(id), state_->clock.wall(), losses());
}

void Archive::batch_taken(BatchTaken batch) {
  if (!state_->options.path.empty()) state_->batch_desk.taken(std::move(batch));
}

bool Archive::batches_full() const {
  return state_->batch_desk.is_full();
}

void Archive::stop() {
  if (!state_->thread.joinable()) return;
  state_->stop_wanted.store(true, std::memory_order_release);
  state_->loop->wake();
  state_->thread.join();
}

}  // namespace ingest::archive
