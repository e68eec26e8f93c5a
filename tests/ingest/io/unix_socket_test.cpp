#include "ingest/io/unix_socket.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <barrier>
#include <filesystem>
#include <fstream>
#include <optional>
#include <thread>
#include <vector>

#include "ingest/io/socket.h"
#include "tests/support/temporary_folder.h"

namespace ingest::io {
namespace {

class UnixSocket : public testing::Test {
 protected:
  std::string path(const std::string& name = "weir.sock") const { return folder_.path(name); }
  static mode_t mode_of(const std::string& path) {
    struct stat found {};
    EXPECT_EQ(lstat(path.c_str(), &found), 0) << path;
    return found.st_mode & 0777;
  }
  /// What a program leaves behind that was killed.
  static void leave_stale(const std::string& path) {
    const Fd fd{socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    path.copy(name.sun_path, sizeof name.sun_path - 1);
    ASSERT_EQ(bind(fd.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name), 0);
  }
  tests::support::TemporaryFolder folder_;
};

TEST_F(UnixSocket, ListensWithTheModeThatIsAskedFor) {
  const mode_t before = umask(077);
  for (const mode_t mode : {0600U, 0660U, 0666U}) {
    const auto listener = UnixListener::open(path(), mode);
    ASSERT_TRUE(listener) << listener.error().what;
    EXPECT_EQ(mode_of(path()), mode);
    const auto client = unix_connect(path());
    ASSERT_TRUE(client) << client.error().what;
    const auto accepted = accept_from(listener->fd());
    ASSERT_TRUE(accepted);
    EXPECT_EQ(accepted->peer.family(), AF_UNIX);
    EXPECT_EQ(accepted->peer.text(), "unix");
  }
  umask(before);
}

TEST_F(UnixSocket, TheFileGoesWithItsListener) {
  {
    auto listener = UnixListener::open(path(), 0600);
    ASSERT_TRUE(listener);
    const UnixListener moved = *std::move(listener);
    EXPECT_TRUE(std::filesystem::exists(path()));
  }
  EXPECT_FALSE(std::filesystem::exists(path()));
}

TEST_F(UnixSocket, AStaleFileIsReplaced) {
  leave_stale(path());
  EXPECT_FALSE(unix_connect(path()));
  const auto listener = UnixListener::open(path(), 0600);
  ASSERT_TRUE(listener) << listener.error().what;
  EXPECT_TRUE(unix_connect(path()));
}

TEST_F(UnixSocket, DatagramsReplaceAStaleFileButNotOneThatIsAlive) {
  leave_stale(path());
  for (const UnixType second : {UnixType::Datagrams, UnixType::Streams}) {
    for (const UnixType first : {UnixType::Datagrams, UnixType::Streams}) {
      const auto alive = UnixListener::open(path(), 0600, first);
      ASSERT_TRUE(alive) << alive.error().what;
      const auto other = UnixListener::open(path(), 0600, second);
      ASSERT_FALSE(other);
      EXPECT_NE(other.error().what.find("already in use; stop the other program"),
                std::string::npos)
          << other.error().what;
      EXPECT_EQ(other.error().code, EADDRINUSE);
      EXPECT_TRUE(unix_connect(path(), first));
    }
  }
}

TEST_F(UnixSocket, AFileOnWhichSomebodyListensIsNotTaken) {
  const auto first = UnixListener::open(path(), 0600);
  const auto second = UnixListener::open(path(), 0600);
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().what.find("unix:" + path()), std::string::npos);
  EXPECT_NE(second.error().what.find("in use"), std::string::npos) << second.error().what;
  EXPECT_TRUE(unix_connect(path()));
}

TEST_F(UnixSocket, OfManyThatStartAtOnceOneListens) {
  constexpr int kRounds = 200;
  constexpr std::size_t kStarters = 4;
  for (int round = 0; round < kRounds; ++round) {
    leave_stale(path());
    std::barrier<> together{kStarters};
    std::array<std::optional<Result<UnixListener>>, kStarters> listeners;
    std::vector<std::thread> threads;
    for (auto& listener : listeners)
      threads.emplace_back([&] {
        together.arrive_and_wait();
        listener.emplace(UnixListener::open(path(), 0600));
      });
    for (std::thread& thread : threads)
      thread.join();
    const auto opened = std::count_if(listeners.begin(), listeners.end(),
                                      [](const auto& one) { return one->has_value(); });
    ASSERT_EQ(opened, 1) << round;
    ASSERT_TRUE(unix_connect(path())) << round;
  }
}

TEST_F(UnixSocket, AnythingElseThatStandsThereStays) {
  std::ofstream{path()} << "precious";
  const auto listener = UnixListener::open(path(), 0600);
  ASSERT_FALSE(listener);
  EXPECT_NE(listener.error().what.find("no socket"), std::string::npos) << listener.error().what;
  EXPECT_TRUE(std::filesystem::exists(path()));
}

TEST_F(UnixSocket, ASuccessorsFileIsLeftAlone) {
  auto first = std::make_unique<Result<UnixListener>>(UnixListener::open(path(), 0600));
  std::filesystem::remove(path());
  const auto second = UnixListener::open(path(), 0600);
  ASSERT_TRUE(second);
  first.reset();
  EXPECT_TRUE(unix_connect(path()));
}

TEST_F(UnixSocket, RefusesAPathThatCannotBeOne) {
  for (const std::string& bad : {std::string{}, path(std::string(200, 'x')), std::string("a\0b", 3),
                                 path("no/such/folder")}) {
    const auto listener = UnixListener::open(bad, 0600);
    ASSERT_FALSE(listener);
    EXPECT_NE(listener.error().what.find("unix:"), std::string::npos);
  }
}

TEST_F(UnixSocket, NamesWhatItIsAndTheFolderThatMustBeMadeFirst) {
  const std::string away = path("no/weir.sock");
  const std::string sentence = ": there is no folder " + path("no") + "; make it first";
  const auto streams = UnixListener::open(away, 0600);
  ASSERT_FALSE(streams);
  EXPECT_EQ(streams.error().what, "cannot listen on unix:" + away + sentence);
  const auto datagrams = UnixListener::open(away, 0600, UnixType::Datagrams);
  ASSERT_FALSE(datagrams);
  EXPECT_EQ(datagrams.error().what, "cannot listen on unixgram:" + away + sentence);
  const auto nobody = unix_connect(path(), UnixType::Datagrams);
  ASSERT_FALSE(nobody);
  EXPECT_TRUE(nobody.error().what.starts_with("cannot connect to unixgram:"))
      << nobody.error().what;
}

TEST_F(UnixSocket, AFolderThatStaysLockedIsToldOf) {
  const Fd lock{open(folder_.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  ASSERT_EQ(flock(lock.get(), LOCK_EX), 0);
  const auto listener = UnixListener::open(path(), 0600);
  ASSERT_FALSE(listener);
  EXPECT_NE(listener.error().what.find("keeps the folder " + folder_.path() + " locked"),
            std::string::npos)
      << listener.error().what;
  ASSERT_EQ(flock(lock.get(), LOCK_UN), 0);
  EXPECT_TRUE(UnixListener::open(path(), 0600));
}

}  // namespace
}  // namespace ingest::io
