#pragma once
// BodyBook: the memory of the request bodies that come in to one worker, in all (limits.bodies) and
// by address: an IPv4 address or the /64 of an IPv6 one, all Unix sockets as one. No address holds
// more than a quarter, or one body where that is more: whoever sends many and slowly leaves room
// for the others. BodyHold: the part of one request, which it gives back when it goes. Part of
// Commons and of a connection; that worker's thread only.

#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>

#include "ingest/base/ip_address.h"

namespace gateway::server {

class BodyBook {
 public:
  static constexpr std::size_t kShareOfOne = 4;  // a quarter

  /// Bytes of one body, and of all.
  BodyBook(std::size_t body_max, std::size_t bodies_max);

  enum class Room : std::uint8_t { Enough, NoneForAnybody, NoneForAddress };
  /// Whether all and `host` hold no more than they may together with `more`.
  Room room(const ingest::IpAddress& host, std::size_t more) const;
  void change(const ingest::IpAddress& host, std::size_t from, std::size_t to);

  std::size_t bytes() const { return all_; }
  /// At most as many as there are connections.
  std::size_t hosts() const { return by_host_.size(); }

 private:
  std::size_t all_max_;
  std::size_t host_max_;
  std::size_t all_ = 0;
  std::map<ingest::IpAddress, std::size_t> by_host_;
};

class BodyHold {
 public:
  /// `book` outlives this.
  explicit BodyHold(BodyBook& book) : book_(book) {}
  /// The part goes along; the other holds nothing.
  BodyHold(BodyHold&& other) noexcept
      : book_(other.book_), host_(other.host_), bytes_(std::exchange(other.bytes_, 0)) {}
  BodyHold(const BodyHold&) = delete;
  BodyHold& operator=(const BodyHold&) = delete;
  BodyHold& operator=(BodyHold&&) = delete;
  ~BodyHold() { release(); }

  /// Whose body comes next.
  void begin(const ingest::IpAddress& sender);
  /// It takes `bytes` of memory now.
  void hold(std::size_t bytes);
  void release() { hold(0); }
  BodyBook::Room room(std::size_t more = 0) const { return book_.room(host_, more); }

 private:
  BodyBook& book_;
  ingest::IpAddress host_{};
  std::size_t bytes_ = 0;
};

}  // namespace gateway::server
