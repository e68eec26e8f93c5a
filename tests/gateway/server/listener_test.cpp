#include "gateway/server/listener.h"

#include <gtest/gtest.h>
#include <ifaddrs.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "tests/gateway/server/house.h"
#include "tests/gateway/server/http_answer.h"
#include "tests/support/certificates.h"

namespace tests {
namespace {

using gateway::server::Listener;

TEST(Listener, ATakenPortIsASentenceThatNamesIt) {
  const auto first = Listener::open({"127.0.0.1:0"});
  ASSERT_TRUE(first.has_value());
  const std::string address = (*first)->addresses().front();
  const auto second = Listener::open({address});
  ASSERT_FALSE(second.has_value());
  EXPECT_NE(second.error().what.find(address), std::string::npos) << second.error().what;
}

TEST(Listener, RefusesAnAddressThatIsNone) {
  for (const char* bad : {"", "nonsense", "127.0.0.1:99999", "[::1", "1.2.3.4.5:80"})
    EXPECT_FALSE(Listener::open({bad}).has_value()) << bad;
}

TEST(Listener, ListensOnSeveralAddresses) {
  const auto both = Listener::open({"127.0.0.1:0", "[::1]:0"});
  ASSERT_TRUE(both.has_value()) << both.error().what;
  ASSERT_EQ((*both)->addresses().size(), 2U);
  EXPECT_TRUE((*both)->addresses()[1].starts_with("[::1]:"));
  EXPECT_FALSE((*both)->addresses()[0].ends_with(":0"));
}

TEST(Listener, IsReachedByBothFamiliesAndByAUnixSocket) {
  const support::TemporaryFolder folder;
  const std::string path = "unix:" + folder.path("weir.sock");
  House house{{}, {.addresses = {"[::]:0", path}}};
  const std::string port = house.address().substr(house.address().rfind(':'));
  for (const std::string& at : {"127.0.0.1" + port, "[::1]" + port, path}) {
    Visitor visitor{house, at};
    EXPECT_TRUE(visitor.get("/healthz").starts_with("HTTP/1.1 200 ")) << at;
  }
}

TEST(Listener, OverAUnixSocketTheHostIsCheckedAsAnywhere) {
  const support::TemporaryFolder folder;
  House house{{}, {.addresses = {"unix:" + folder.path("weir.sock")}}};
  Visitor visitor{house};
  visitor.send("GET /api/v1/status HTTP/1.1\r\nHost: evil.example\r\n\r\n");
  EXPECT_TRUE(visitor.answer().starts_with("HTTP/1.1 421 "));
}

/// An address of this machine that is not loopback; empty where there is none.
std::string own_address() {
  ifaddrs* all = nullptr;
  std::string found;
  if (getifaddrs(&all) != 0) return found;
  for (const ifaddrs* one = all; one != nullptr && found.empty(); one = one->ifa_next) {
    if (one->ifa_addr == nullptr || one->ifa_addr->sa_family != AF_INET) continue;
    sockaddr_storage storage{};
    std::memcpy(&storage, one->ifa_addr, sizeof(sockaddr_in));
    const auto address = ingest::io::Address::from(storage);
    if (!address.is_loopback()) found = address.text().substr(0, address.text().rfind(':'));
  }
  freeifaddrs(all);
  return found;
}

TEST(Listener, AboveTheLimitOfOneAddressEachIsTold503) {
  const std::string host = own_address();
  if (host.empty()) GTEST_SKIP() << "this machine has loopback alone";
  House house{{}, {.addresses = {"0.0.0.0:0"}, .connections_per_address_max = 2}};
  const std::string port = house.address().substr(house.address().rfind(':'));
  Visitor first{house, host + port};
  Visitor second{house, host + port};
  Visitor third{house, host + port};
  EXPECT_TRUE(third.answer().starts_with("HTTP/1.1 503 "));
  EXPECT_EQ(house.listener->counts().refused_address.get(), 1U);
  Visitor local{house, "127.0.0.1" + port};
  EXPECT_TRUE(local.get("/healthz").starts_with("HTTP/1.1 200 "));
  second.leave();
  house.turn(3);
  Visitor next{house, host + port};
  EXPECT_TRUE(next.get("/healthz").starts_with("HTTP/1.1 200 "));
}

TEST(Listener, AboveTheTotalEachIsTold503) {
  House house;
  std::vector<std::unique_ptr<Visitor>> guests;
  const std::size_t room = 64;
  for (std::size_t i = 0; i < room; ++i)
    guests.push_back(std::make_unique<Visitor>(house));
  Visitor late(house);
  const std::string answer = late.answer();
  EXPECT_EQ(status_of(answer), 503);
  EXPECT_EQ(header_of(answer, "Retry-After"), "5");
  EXPECT_EQ(header_of(answer, "Connection"), "close");
  EXPECT_TRUE(header_of(answer, "Date").ends_with(" GMT"));
  EXPECT_TRUE(late.wait_closed());
  EXPECT_EQ(house.listener->counts().refused_full.get(), 1U);
  guests.pop_back();
  house.turn(3);
  Visitor next(house);
  EXPECT_TRUE(next.get("/healthz").starts_with("HTTP/1.1 200 "));
}

/// The lowest limit under which no descriptor more can be opened.
class NoDescriptors {
 public:
  NoDescriptors() {
    getrlimit(RLIMIT_NOFILE, &before_);
    const ingest::io::Fd next{dup(0)};
    rlimit tight = before_;
    tight.rlim_cur = static_cast<rlim_t>(next.get());
    setrlimit(RLIMIT_NOFILE, &tight);
  }
  NoDescriptors(const NoDescriptors&) = delete;
  NoDescriptors& operator=(const NoDescriptors&) = delete;
  ~NoDescriptors() { setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

/// A socket that waits in the listening socket's queue: connected, not accepted.
ingest::io::Fd knock(const House& house) {
  const auto address = ingest::io::Address::parse(house.address());
  ingest::io::Fd fd{socket(address->family(), SOCK_STREAM | SOCK_CLOEXEC, 0)};
  EXPECT_EQ(connect(fd.get(), address->data(), address->size()), 0);
  return fd;
}

TEST(Listener, OutOfDescriptorsItAnswers503PausesAndComesBack) {
  House house;
  house.turn();
  const ingest::io::Fd first = knock(house);
  const ingest::io::Fd second = knock(house);
  {
    const NoDescriptors tight;
    house.turn(20);
    // One is refused, then accepting pauses: the second waits, and nobody spins.
    EXPECT_EQ(house.listener->counts().refused_no_descriptors.get(), 1U);
    char answer[64] = {};
    EXPECT_GT(recv(first.get(), answer, sizeof answer - 1, MSG_DONTWAIT), 0);
    EXPECT_TRUE(std::string_view{answer}.starts_with("HTTP/1.1 503 ")) << answer;
    EXPECT_EQ(house.listener->counts().accepted.get(), 0U);
  }
  house.pass(250ms);
  house.turn(5);
  EXPECT_EQ(house.listener->counts().accepted.get(), 1U);
  Visitor next(house);
  EXPECT_TRUE(next.get("/healthz").starts_with("HTTP/1.1 200 "));
}

TEST(Listener, WhoComesAboveTheHandshakesOfASecondWaitsAndIsServed) {
  House house{{}, {.options = {.handshakes_per_second = 10}}};
  std::vector<std::unique_ptr<Visitor>> all;
  for (int i = 0; i < 25; ++i)
    all.push_back(std::make_unique<Visitor>(house));
  house.turn(5);
  const auto& counts = house.listener->counts();
  EXPECT_EQ(counts.accepted.get(), 10U);
  EXPECT_GE(counts.deferred.get(), 1U);
  EXPECT_EQ(all.front()->get("/healthz").substr(0, 12), "HTTP/1.1 200");
  house.pass(std::chrono::milliseconds{1'000});
  EXPECT_EQ(counts.accepted.get(), 20U);
  house.pass(std::chrono::milliseconds{1'000});
  EXPECT_EQ(counts.accepted.get(), 25U);
  EXPECT_EQ(all.back()->get("/healthz").substr(0, 12), "HTTP/1.1 200") << "none was refused";
}

}  // namespace
}  // namespace tests
