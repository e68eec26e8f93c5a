#include "gateway/server/dealer.h"

#include <utility>

#include "ingest/base/check.h"

namespace gateway::server {

Dealer::Dealer(std::size_t workers, std::uint64_t connections_max,
               std::uint64_t connections_per_address_max)
    : addresses_(connections_per_address_max), connections_max_(connections_max) {
  CHECK(workers > 0);
  seats_.reserve(workers);
  for (std::size_t i = 0; i < workers; ++i)
    seats_.push_back(std::make_unique<Seat>());
}

void Dealer::set_wake(std::size_t worker, std::function<void()> wake) {
  CHECK(worker < seats_.size());
  seats_[worker]->wake = std::move(wake);
}

std::uint64_t Dealer::load(const Seat& seat) {
  // What was closed is read first: it never exceeds what was dealt before.
  const std::uint64_t closed = seat.http_closed.get() + seat.feeds_closed.get();
  const std::uint64_t dealt = seat.http_dealt.get() + seat.feeds_dealt.get();
  return dealt - std::min(closed, dealt);
}

bool Dealer::deal(Arrival& arrival) {
  const bool http = arrival.what == Arrival::What::Http;
  if (http && connections() >= connections_max_.load(std::memory_order_relaxed)) {
    refused_.add();
    return false;
  }
  Seat* least = seats_.front().get();
  for (const std::unique_ptr<Seat>& seat : seats_)
    if (load(*seat) < load(*least)) least = seat.get();
  if (!least->ring.try_push(arrival)) {
    refused_.add();
    return false;
  }
  (http ? least->http_dealt : least->feeds_dealt).add();
  if (least->wake) least->wake();
  return true;
}

std::optional<Arrival> Dealer::take(std::size_t worker) {
  CHECK(worker < seats_.size());
  return seats_[worker]->ring.try_pop();
}

void Dealer::closed(std::size_t worker, Arrival::What what) {
  CHECK(worker < seats_.size());
  Seat& seat = *seats_[worker];
  (what == Arrival::What::Http ? seat.http_closed : seat.feeds_closed).add();
}

std::uint64_t Dealer::connections() const {
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < seats_.size(); ++i)
    total += connections(i);
  return total;
}

std::uint64_t Dealer::connections(std::size_t worker) const {
  CHECK(worker < seats_.size());
  const std::uint64_t closed = seats_[worker]->http_closed.get();
  const std::uint64_t dealt = seats_[worker]->http_dealt.get();
  return dealt - std::min(closed, dealt);
}

}  // namespace gateway::server
