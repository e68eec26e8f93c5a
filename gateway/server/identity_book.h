#pragma once
// IdentityBook: how many connections and subscriptions each holder of a token has, over all workers
// and addresses, so that one of many tenants cannot take all places. Part of the site, outlives all
// connections; any thread: one lock for each beginning and end.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "gateway/auth/rights.h"
#include "gateway/publish/identity.h"

namespace gateway::server {

class IdentityBook {
 public:
  struct Caps {
    std::uint64_t connections_max = 0;  // WebSockets and event streams
    std::uint64_t subs_max = 0;
  };
  explicit IdentityBook(const Caps& caps) : caps_(caps) {}
  IdentityBook(const IdentityBook&) = delete;
  IdentityBook& operator=(const IdentityBook&) = delete;
  ~IdentityBook() = default;

  /// Any thread, for who comes from now on.
  void set_caps(const Caps& caps);

  /// As publish::Gatekeeper::admit().
  std::unique_ptr<publish::Place> admit(const std::string& identity, std::size_t subs);
  /// Whether admit() would refuse now; counted.
  bool refuses(const std::string& identity);

  std::uint64_t identities() const;  // that have connections now
  std::uint64_t connections_refused() const { return connections_refused_.load(kRelaxed); }
  std::uint64_t subs_refused() const { return subs_refused_.load(kRelaxed); }

 private:
  static constexpr auto kRelaxed = std::memory_order_relaxed;  // numbers that stand for themselves
  struct Held {
    std::uint64_t connections = 0;
    std::uint64_t subs = 0;
  };
  using Book = std::map<std::string, Held, std::less<>>;
  class Seat;
  void leave(Book::iterator place, std::uint64_t subs);
  bool add_sub(Book::iterator place);
  void drop_subs(Book::iterator place, std::uint64_t count);

  mutable std::mutex mutex_;
  Caps caps_;
  Book held_;  // at most as many as there are connections
  std::atomic<std::uint64_t> connections_refused_{0};
  std::atomic<std::uint64_t> subs_refused_{0};
};

}  // namespace gateway::server
