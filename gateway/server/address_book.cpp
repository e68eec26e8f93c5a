#include "gateway/server/address_book.h"

#include <utility>

#include "ingest/base/check.h"

namespace gateway::server {

Guest::Guest(Guest&& other) noexcept
    : peer_(other.peer_), book_(std::exchange(other.book_, nullptr)) {}

Guest& Guest::operator=(Guest&& other) noexcept {
  if (this == &other) return *this;
  if (book_ != nullptr) book_->leave(peer_);
  peer_ = other.peer_;
  book_ = std::exchange(other.book_, nullptr);
  return *this;
}

Guest::~Guest() {
  if (book_ != nullptr) book_->leave(peer_);
}

std::optional<Guest> AddressBook::admit(const Peer& peer) {
  if (peer.kind == Peer::Kind::Unix || peer.is_loopback()) return Guest{peer};
  const std::lock_guard lock{mutex_};
  std::uint64_t& count = counts_[ingest::host_of(peer.ip)];
  if (count >= connections_max_.load(std::memory_order_relaxed)) {
    ++refused_;
    return std::nullopt;
  }
  ++count;
  return Guest{peer, *this};
}

void AddressBook::leave(const Peer& peer) {
  const std::lock_guard lock{mutex_};
  const auto found = counts_.find(ingest::host_of(peer.ip));
  CHECK(found != counts_.end() && found->second > 0);
  if (--found->second == 0) counts_.erase(found);
}

std::uint64_t AddressBook::connections(const Peer& peer) const {
  const std::lock_guard lock{mutex_};
  const auto found = counts_.find(ingest::host_of(peer.ip));
  return found == counts_.end() ? 0 : found->second;
}

std::uint64_t AddressBook::addresses() const {
  const std::lock_guard lock{mutex_};
  return counts_.size();
}

std::uint64_t AddressBook::refused() const {
  const std::lock_guard lock{mutex_};
  return refused_;
}

}  // namespace gateway::server
