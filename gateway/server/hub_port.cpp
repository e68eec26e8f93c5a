#include "gateway/server/hub_port.h"

#include <utility>
#include <variant>

#include "ingest/base/check.h"

namespace gateway::server {

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
  if (state.waiting.empty() && state.seat.link->to_worker.try_push(message)) return;
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

void HubPort::move_waiting(State& state) {
  while (!state.waiting.empty() && state.seat.link->to_worker.try_push(state.waiting.front()))
    state.waiting.pop_front();
}

void HubPort::flush() {
  for (State& state : states_) {
    if (!state.waiting.empty()) {
      // The word that mail waits stands before the last try: a worker that makes room after our try
      // finds it and wakes us. seq_cst: its store must not pass the ring's loads in move_waiting(),
      // as the worker's exchange must not pass its pops.
      state.seat.link->hub_waits.store(true, std::memory_order_seq_cst);
      std::atomic_thread_fence(std::memory_order_seq_cst);
      move_waiting(state);
      state.news = true;
    }
    if (!state.news) continue;
    state.news = !state.waiting.empty();
    if (state.seat.wake) state.seat.wake();
  }
}

}  // namespace gateway::server
