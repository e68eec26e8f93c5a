#include "gateway/server/ticket_book.h"

#include <openssl/rand.h>

#include <array>
#include <cstdint>
#include <utility>

#include "gateway/auth/base64url.h"
#include "ingest/base/bytes.h"
#include "ingest/base/check.h"

namespace gateway::server {
namespace {

std::string random_ticket() {
  constexpr std::size_t kBytes = 32;
  std::array<std::uint8_t, kBytes> bytes{};
  CHECK(RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1);
  return auth::encode_base64url(ingest::as_text(bytes));
}

}  // namespace

std::string TicketBook::issue(auth::RightsPtr rights, ingest::MonoTime now) {
  std::string ticket = random_ticket();
  const std::lock_guard lock{mutex_};
  while (!entries_.empty() && (entries_.size() >= kTicketsMax || entries_.front().until <= now))
    forget_oldest();
  entries_.push_back({.ticket = ticket, .until = now + kValid, .rights = std::move(rights)});
  by_ticket_.emplace(ticket, std::prev(entries_.end()));
  return ticket;
}

std::optional<auth::RightsPtr> TicketBook::redeem(std::string_view ticket, ingest::MonoTime now) {
  const std::lock_guard lock{mutex_};
  const auto found = by_ticket_.find(std::string{ticket});
  if (found == by_ticket_.end()) return std::nullopt;
  const Entry entry = std::move(*found->second);
  entries_.erase(found->second);
  by_ticket_.erase(found);
  if (entry.until <= now) return std::nullopt;
  return entry.rights;
}

std::size_t TicketBook::size() const {
  const std::lock_guard lock{mutex_};
  return entries_.size();
}

void TicketBook::forget_oldest() {
  by_ticket_.erase(entries_.front().ticket);
  entries_.pop_front();
}

}  // namespace gateway::server
