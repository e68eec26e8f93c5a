#pragma once
// AddressBook: how many connections each address has, so that one cannot take all places. An IPv6
// host usually owns a /64 and counts as one (RFC 6177). Loopback and Unix sockets are not counted:
// whoever is on this machine has other means. Built with the dealer, outlives all connections; any
// thread: one lock for each connection's begin and end.

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>

#include "gateway/server/peer.h"
#include "ingest/base/ip_address.h"

namespace gateway::server {

class AddressBook;

/// Guest: a peer and its place in the book, which it gives back when it goes.
class Guest {
 public:
  Guest() = default;
  /// A peer that is not counted.
  explicit Guest(const Peer& peer) : peer_(peer) {}
  Guest(const Guest&) = delete;
  Guest& operator=(const Guest&) = delete;
  Guest(Guest&& other) noexcept;
  Guest& operator=(Guest&& other) noexcept;
  ~Guest();
  const Peer& peer() const { return peer_; }

 private:
  friend class AddressBook;
  Guest(const Peer& peer, AddressBook& book) : peer_(peer), book_(&book) {}
  Peer peer_;
  AddressBook* book_ = nullptr;  // null: not counted
};

class AddressBook {
 public:
  /// `connections_max` is for each address.
  explicit AddressBook(std::uint64_t connections_max) : connections_max_(connections_max) {}
  /// Any thread, for who comes from now on.
  void set_connections_max(std::uint64_t connections_max) {
    connections_max_.store(connections_max, std::memory_order_relaxed);
  }
  AddressBook(const AddressBook&) = delete;
  AddressBook& operator=(const AddressBook&) = delete;
  ~AddressBook() = default;

  /// Nothing when the address has as many as it may; counted.
  std::optional<Guest> admit(const Peer& peer);

  std::uint64_t connections(const Peer& peer) const;
  std::uint64_t addresses() const;
  std::uint64_t refused() const;

 private:
  friend class Guest;
  void leave(const Peer& peer);

  std::atomic<std::uint64_t> connections_max_;  // relaxed: it stands for itself
  mutable std::mutex mutex_;
  std::map<ingest::IpAddress, std::uint64_t>
      counts_;  // by host; at most as many as there are connections
  std::uint64_t refused_ = 0;
};

}  // namespace gateway::server
