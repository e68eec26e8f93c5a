#pragma once
// TicketBook: tickets, which stand for a token once and for a moment: for clients that can send no
// header, as an EventSource or a WebSocket of another origin. In a URL they may be logged: by then
// they are worth nothing. One for all workers, because the connection that shows a ticket may be
// another's; one lock for each. Any thread.

#include <cstddef>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "gateway/auth/authenticator.h"
#include "ingest/base/clock.h"

namespace gateway::server {

class TicketBook {
 public:
  static constexpr std::size_t kTicketsMax = 10'000;  // the oldest goes
  static constexpr ingest::Millis kValid{30'000};

  TicketBook() = default;
  TicketBook(const TicketBook&) = delete;
  TicketBook& operator=(const TicketBook&) = delete;
  ~TicketBook() = default;

  /// 43 characters that nobody guesses; null rights stand for nobody in particular.
  std::string issue(auth::RightsPtr rights, ingest::MonoTime now);
  /// Once; nothing for one that is unknown, used or over.
  std::optional<auth::RightsPtr> redeem(std::string_view ticket, ingest::MonoTime now);
  std::size_t size() const;

 private:
  struct Entry {
    std::string ticket;
    ingest::MonoTime until;
    auth::RightsPtr rights;
  };
  void forget_oldest();

  mutable std::mutex mutex_;
  std::list<Entry> entries_;  // the oldest first
  std::unordered_map<std::string, std::list<Entry>::iterator> by_ticket_;
};

}  // namespace gateway::server
