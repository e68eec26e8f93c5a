#pragma once
// Dealer: gives each accepted descriptor to the worker with the fewest connections, over one SPSC
// ring for each worker. Knows nothing of what travels through the connection. Built by the wiring,
// outlives all threads. deal() belongs to the one accepting thread; take() and closed() to each
// worker's own.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "ingest/base/counters.h"
#include "ingest/base/spsc_ring.h"
#include "ingest/io/fd.h"

namespace gateway::server {

/// A new descriptor on its way to its owner.
struct Arrival {
  enum class What : std::uint8_t { Http, Feed };
  What what = What::Http;
  std::uint32_t feed = 0;  // Feed only: which one, as the accepting feed numbers them
  ingest::io::Fd fd;
};

class Dealer {
 public:
  static constexpr std::size_t kWaitingMax = 1024;  // for each worker

  /// HTTP connections above `connections_max`, over all workers, are refused.
  Dealer(std::size_t workers, std::uint64_t connections_max);
  Dealer(const Dealer&) = delete;
  Dealer& operator=(const Dealer&) = delete;
  ~Dealer() = default;

  /// How to wake a worker; before the threads start.
  void set_wake(std::size_t worker, std::function<void()> wake);

  /// Moves from `arrival` and wakes its worker; false, untouched, when the total is reached or the
  /// worker's ring is full (counted).
  bool deal(Arrival& arrival);

  std::optional<Arrival> take(std::size_t worker);
  /// The worker closed a connection that it had taken.
  void closed(std::size_t worker, Arrival::What what);

  /// Any thread.
  std::size_t workers() const { return seats_.size(); }
  std::uint64_t connections() const;  // HTTP and WebSocket, of all workers
  std::uint64_t connections(std::size_t worker) const;
  std::uint64_t refused() const { return refused_.get(); }

 private:
  struct Seat {
    ingest::SpscRing<Arrival> ring{kWaitingMax};
    ingest::Counter http_dealt;    // the accepting thread writes
    ingest::Counter feeds_dealt;   // the accepting thread writes
    ingest::Counter http_closed;   // the worker writes
    ingest::Counter feeds_closed;  // the worker writes
    std::function<void()> wake;
  };
  static std::uint64_t load(const Seat& seat);

  std::vector<std::unique_ptr<Seat>> seats_;
  std::uint64_t connections_max_;
  ingest::Counter refused_;
};

}  // namespace gateway::server
