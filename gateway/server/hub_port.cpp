#include "gateway/server/hub_port.h"

#include <utility>
#include <variant>

#include "ingest/base/check.h"

namespace gateway::server {
namespace {

/// The place in State::lists of a message that makes the one before it void.
std::optional<std::size_t> list_of(const publish::ToWorker& message) {
  if (std::holds_alternative<publish::NewCatalogue>(message)) return 0;
  if (std::holds_alternative<publish::NewAnnotations>(message)) return 1;
  return std::nullopt;
}

}  // namespace

HubPort::HubPort(std::vector<Seat> seats) {
  CHECK(!seats.empty());
  states_.resize(seats.size());
  for (std::size_t i = 0; i < seats.size(); ++i)
    states_[i].seat = std::move(seats[i]);
}

void HubPort::send(std::uint32_t worker, publish::ToWorker message) {
  CHECK(worker < states_.size());
  State& state = states_[worker];
  state.news = true;
  if (const auto list = list_of(message)) {
    state.lists[*list].newest = std::move(message);
    push_lists(state);
    if (state.lists[*list].newest) deferred_.add();
    return;
  }
  if (state.waiting.empty() && push(state, message)) return;
  if (state.waiting.size() >= kOverflowMax && std::holds_alternative<publish::Publish>(message)) {
    frames_dropped_.add();
    return;
  }
  deferred_.add();
  state.waiting.push_back(std::move(message));
}

bool HubPort::drain(const std::function<void(publish::ToHub&&)>& receive) {
  bool more = false;
  for (State& state : states_) {
    std::size_t taken = 0;
    while (taken < kDrainMax && state.waiting.size() < kOverflowMax) {
      std::optional<publish::ToHub> command = state.seat.link->to_hub.try_pop();
      if (!command) break;
      receive(std::move(*command));
      ++taken;
    }
    more = more || taken == kDrainMax;
  }
  return more;
}

bool HubPort::push(State& state, publish::ToWorker& message) {
  if (!state.seat.link->to_worker.try_push(message)) return false;
  ++state.pushed;
  return true;
}

// A list waits until the worker has taken the one before, and what came before it.
void HubPort::push_lists(State& state) {
  for (List& list : state.lists) {
    if (!list.newest || !state.waiting.empty()) continue;
    if (state.seat.link->to_worker.taken() < list.sent || !push(state, *list.newest)) continue;
    list.sent = state.pushed;
    list.newest.reset();
  }
}

void HubPort::move_waiting(State& state) {
  while (!state.waiting.empty() && push(state, state.waiting.front()))
    state.waiting.pop_front();
  push_lists(state);
}

void HubPort::flush() {
  for (State& state : states_) {
    if (state.waits()) {
      // The word that mail waits stands before the last try: a worker that makes room after our try
      // finds it and wakes us. seq_cst: its store must not pass the ring's loads in move_waiting(),
      // as the worker's exchange must not pass its pops.
      state.seat.link->hub_waits.store(true, std::memory_order_seq_cst);
      std::atomic_thread_fence(std::memory_order_seq_cst);
      move_waiting(state);
      state.news = true;
    }
    if (!state.news) continue;
    state.news = state.waits();
    if (state.seat.wake) state.seat.wake();
  }
}

}  // namespace gateway::server
