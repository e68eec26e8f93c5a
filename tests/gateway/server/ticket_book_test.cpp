#include "gateway/server/ticket_book.h"

#include <gtest/gtest.h>

#include <set>

namespace gateway::server {
namespace {

const ingest::MonoTime kNow{std::chrono::seconds{100}};

TEST(TicketBook, ATicketStandsOnceForItsRights) {
  TicketBook book;
  const auto rights = std::make_shared<const auth::Rights>();
  const std::string ticket = book.issue(rights, kNow);
  EXPECT_EQ(ticket.size(), 43U);
  EXPECT_EQ(book.redeem(ticket, kNow), rights);
  EXPECT_EQ(book.redeem(ticket, kNow), std::nullopt);
  EXPECT_EQ(book.size(), 0U);
}

TEST(TicketBook, ATicketIsOverSoon) {
  TicketBook book;
  const std::string ticket = book.issue(nullptr, kNow);
  EXPECT_EQ(book.redeem(ticket, kNow + TicketBook::kValid), std::nullopt);
  const std::string another = book.issue(nullptr, kNow);
  EXPECT_NE(book.redeem(another, kNow + TicketBook::kValid - ingest::Millis{1}), std::nullopt);
}

TEST(TicketBook, KnowsNoOther) {
  TicketBook book;
  const std::string ticket = book.issue(nullptr, kNow);
  for (const std::string& other : {std::string{}, ticket + "A", ticket.substr(1)})
    EXPECT_EQ(book.redeem(other, kNow), std::nullopt);
}

TEST(TicketBook, KeepsSoManyAndNoMore) {
  TicketBook book;
  std::set<std::string> tickets;
  const std::string first = book.issue(nullptr, kNow);
  for (std::size_t i = 0; i < TicketBook::kTicketsMax; ++i)
    tickets.insert(book.issue(nullptr, kNow));
  EXPECT_EQ(tickets.size(), TicketBook::kTicketsMax);
  EXPECT_EQ(book.size(), TicketBook::kTicketsMax);
  EXPECT_EQ(book.redeem(first, kNow), std::nullopt);
  book.issue(nullptr, kNow + TicketBook::kValid);
  EXPECT_EQ(book.size(), 1U);
}

}  // namespace
}  // namespace gateway::server
