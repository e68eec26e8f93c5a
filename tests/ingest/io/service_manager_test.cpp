#include "ingest/io/service_manager.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <string>

#include "ingest/io/unix_socket.h"
#include "tests/support/temporary_folder.h"

namespace ingest::io {
namespace {

/// One datagram, waited for; empty: none within the time.
std::string heard(int fd) {
  const timeval patience{.tv_sec = 5, .tv_usec = 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  std::array<char, 512> text{};
  const ssize_t count = recv(fd, text.data(), text.size(), 0);
  return count < 0 ? std::string{} : std::string(text.data(), static_cast<std::size_t>(count));
}

/// A socket of datagrams with an abstract name, as systemd has in containers.
Fd abstract_socket(const std::string& name) {
  Fd fd{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(&address.sun_path[1], name.data(), name.size());
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  EXPECT_EQ(bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), size), 0);
  return fd;
}

TEST(ServiceManager, SaysEachWordAsADatagramToAPath) {
  const tests::support::TemporaryFolder folder;
  const std::string path = folder.path("notify");
  const auto listener = *UnixListener::open(path, 0600, UnixType::Datagrams);
  const auto manager = *ServiceManager::open(path);
  EXPECT_TRUE(manager.ready("Open http://127.0.0.1:8080/"));
  EXPECT_EQ(heard(listener.fd()), "READY=1\nSTATUS=Open http://127.0.0.1:8080/");
  EXPECT_TRUE(manager.alive());
  EXPECT_EQ(heard(listener.fd()), "WATCHDOG=1");
  EXPECT_TRUE(manager.stopping());
  EXPECT_EQ(heard(listener.fd()), "STOPPING=1");
}

TEST(ServiceManager, SaysWhenItBeganToReload) {
  const tests::support::TemporaryFolder folder;
  const std::string path = folder.path("notify");
  const auto listener = *UnixListener::open(path, 0600, UnixType::Datagrams);
  const auto now_us = [] {
    return std::chrono::duration_cast<std::chrono::microseconds>(
               std::chrono::steady_clock::now().time_since_epoch())
        .count();
  };
  const auto before = now_us();
  EXPECT_TRUE((*ServiceManager::open(path)).reloading());
  const std::string said = heard(listener.fd());
  const std::string head = "RELOADING=1\nMONOTONIC_USEC=";
  ASSERT_TRUE(said.starts_with(head)) << said;
  const auto when = std::stoll(said.substr(head.size()));
  EXPECT_GE(when, before);
  EXPECT_LE(when, now_us());
}

TEST(ServiceManager, ReachesAnAbstractName) {
  const std::string name = "weir-test-" + std::to_string(::getpid());
  const Fd fd = abstract_socket(name);
  const auto manager = ServiceManager::open("@" + name);
  ASSERT_TRUE(manager) << manager.error().what;
  EXPECT_TRUE(manager->alive());
  EXPECT_EQ(heard(fd.get()), "WATCHDOG=1");
}

TEST(ServiceManager, ASocketThatIsNotThereIsTold) {
  const tests::support::TemporaryFolder folder;
  for (const std::string& address : {folder.path("nobody"), std::string{"relative"}, std::string{},
                                     std::string{"@"}, "/" + std::string(200, 'x')}) {
    const auto manager = ServiceManager::open(address);
    ASSERT_FALSE(manager) << address;
    EXPECT_NE(manager.error().what.find("NOTIFY_SOCKET"), std::string::npos);
  }
}

TEST(ServiceManager, NeverWaitsForAManagerThatReadsNothing) {
  const tests::support::TemporaryFolder folder;
  const std::string path = folder.path("notify");
  const auto listener = *UnixListener::open(path, 0600, UnixType::Datagrams);
  const auto manager = *ServiceManager::open(path);
  int said = 0;
  while (said < 1'000'000 && manager.alive())
    ++said;
  EXPECT_LT(said, 1'000'000);  // its queue is full: false, at once
  EXPECT_EQ(heard(listener.fd()), "WATCHDOG=1");
  EXPECT_TRUE(manager.alive());
}

}  // namespace
}  // namespace ingest::io
