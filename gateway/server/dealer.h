#pragma once
// Dealer: gives each accepted descriptor to the worker with the fewest connections, over one SPSC
// ring for each worker. Knows nothing of what travels through the connection. Built by the wiring,
// outlives all threads. deal() belongs to the one accepting thread; take() and closed() to each
// worker's own.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <vector>

#include "gateway/server/address_book.h"
#include "ingest/base/counters.h"
#include "ingest/base/spsc_ring.h"
#include "ingest/io/fd.h"
#include "ingest/io/socket.h"

namespace gateway::server {

/// A new descriptor on its way to its owner.
struct Arrival {
  enum class What : std::uint8_t { Http, Feed };
  What what = What::Http;
  std::uint32_t feed = 0;  // Feed only: which one, as the accepting feed numbers them
  ingest::io::Fd fd;
  /// Feed only, as accept() gave it. Of HTTP the guest knows.
  ingest::io::Address peer{};

  // Http only.
  enum class Wire : std::uint8_t { Plain, Tls };
  enum class Proxied : std::uint8_t { No, Yes };
  enum class Sender : std::uint8_t { Anybody, Proxy };
  Wire wire = Wire::Plain;
  Proxied proxied = Proxied::No;    // Yes: a PROXY protocol header comes first
  Sender sender = Sender::Anybody;  // Proxy: one of http.trusted_proxies
  Guest guest{};
};

class Dealer {
 public:
  static constexpr std::size_t kWaitingMax = 1024;  // for each worker

  static constexpr std::uint64_t kAnyNumber = std::numeric_limits<std::uint64_t>::max();

  /// HTTP connections above `connections_max`, over all workers, are refused; of one address above
  /// `connections_per_address_max`, by whoever asks addresses().
  Dealer(std::size_t workers, std::uint64_t connections_max,
         std::uint64_t connections_per_address_max = kAnyNumber);
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

  /// Any thread, for who comes from now on.
  void set_connections_max(std::uint64_t connections_max) {
    connections_max_.store(connections_max, std::memory_order_relaxed);
  }
  /// Any thread.
  AddressBook& addresses() { return addresses_; }
  const AddressBook& addresses() const { return addresses_; }
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

  AddressBook addresses_;  // before the rings, whose guests stand in it
  std::vector<std::unique_ptr<Seat>> seats_;
  std::atomic<std::uint64_t> connections_max_;  // relaxed: it stands for itself
  ingest::Counter refused_;
};

}  // namespace gateway::server
