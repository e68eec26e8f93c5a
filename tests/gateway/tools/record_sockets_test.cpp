// What is recorded over the sockets of this machine, read back from the file.
#include "gateway/tools/record_sockets.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/tools/recorder.h"
#include "ingest/io/unix_socket.h"
#include "ingest/record/recording_reader.h"
#include "tests/support/temporary_folder.h"

namespace gateway::tools {
namespace {

using ingest::io::Fd;
using ingest::io::UnixType;
using ingest::record::Kind;

struct Kept {
  Kind kind = Kind::Data;
  std::uint32_t connection = 0;
  std::string bytes;
  bool operator==(const Kept&) const = default;
};

/// A Unix socket's peer has what is sent before send() returns, so nothing here has to wait.
class Desk {
 public:
  explicit Desk(Target::Way way, std::size_t connections_max = RecordSockets::kConnectionsMax) {
    const auto transport = way == Target::Way::Unix ? ingest::record::Transport::Unix
                                                    : ingest::record::Transport::Unixgram;
    auto writer = ingest::record::RecordingWriter::create(
        {.path = file(), .header = {.transport = transport, .address = path()}});
    recorder_ = std::make_unique<Recorder>(Recorder::Parts{
        .writer = *std::move(writer), .forward = {}, .clock = &clock_, .done = [] { FAIL(); }});
    Target listen;
    listen.way = way;
    listen.path = path();
    auto sockets = RecordSockets::open({.loop = loop_.get(),
                                        .log = &log_,
                                        .sink = recorder_.get(),
                                        .listen = listen,
                                        .format = ingest::codec::Format::Statsd,
                                        .connections_max = connections_max});
    EXPECT_TRUE(sockets);
    sockets_ = *std::move(sockets);
  }
  std::string path() const { return folder_.path("record.sock"); }
  std::string file() const { return folder_.path("a.weir"); }
  void turn() { loop_->turn(ingest::Millis{0}); }
  Fd connect(UnixType type) {
    Fd fd = *ingest::io::unix_connect(path(), type);
    turn();
    return fd;
  }
  void send(const Fd& fd, std::string_view bytes) {
    EXPECT_EQ(::send(fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
    turn();
  }
  const Recorder& recorder() const { return *recorder_; }
  /// Ends the recording, and reads the file.
  std::vector<Kept> read() {
    sockets_->drain();
    EXPECT_TRUE(recorder_->finish());
    const auto reader = ingest::record::RecordingReader::open(file());
    std::vector<Kept> all;
    while (const auto record = (*reader)->next())
      all.push_back({record->kind, record->connection, std::string{record->bytes}});
    EXPECT_EQ((*reader)->header().address, path());
    return all;
  }

 private:
  const tests::support::TemporaryFolder folder_;
  const ingest::ManualClock clock_;
  const ingest::io::Logger log_{ingest::io::LogLevel::Error};
  std::unique_ptr<ingest::io::EventLoop> loop_ = *ingest::io::EventLoop::open(clock_);
  std::unique_ptr<Recorder> recorder_;
  std::unique_ptr<RecordSockets> sockets_;
};

TEST(RecordSockets, KeepsDatagramsOfAUnixSocketByteForByte) {
  Desk desk{Target::Way::Unixgram};
  const Fd sender = desk.connect(UnixType::Datagrams);
  const std::string odd{"\x00\xFF\n", 3};
  for (const std::string& datagram : {std::string{"a:1|c"}, std::string{"b:2|c\nb:3|c\n"}, odd})
    desk.send(sender, datagram);
  const std::vector<Kept> expected{
      {Kind::Data, 0, "a:1|c"}, {Kind::Data, 0, "b:2|c\nb:3|c\n"}, {Kind::Data, 0, odd}};
  EXPECT_EQ(desk.read(), expected);
}

TEST(RecordSockets, KeepsTheLinesOfEachConnectionOfAUnixSocket) {
  Desk desk{Target::Way::Unix};
  const Fd first = desk.connect(UnixType::Streams);
  Fd second = desk.connect(UnixType::Streams);
  desk.send(first, "a:1|c\na:");
  desk.send(second, "b:1|c\nb:2");
  desk.send(first, "2|c\n");
  second.reset();
  desk.turn();
  const std::vector<Kept> expected{{Kind::Data, 1, "a:1|c\n"}, {Kind::Data, 2, "b:1|c\n"},
                                   {Kind::Data, 1, "a:2|c\n"}, {Kind::Data, 2, "b:2"},
                                   {Kind::Closed, 2, ""},      {Kind::Closed, 1, ""}};
  EXPECT_EQ(desk.read(), expected);
}

TEST(RecordSockets, TheEndKeepsWhatWaitsAtAStreamAndAtItsDoor) {
  Desk desk{Target::Way::Unix};
  const Fd first = desk.connect(UnixType::Streams);
  // What waits is many reads long.
  const int wide = 4 << 20;
  ASSERT_EQ(::setsockopt(first.get(), SOL_SOCKET, SO_SNDBUFFORCE, &wide, sizeof wide) == 0 ||
                ::setsockopt(first.get(), SOL_SOCKET, SO_SNDBUF, &wide, sizeof wide) == 0,
            true);
  std::string block;
  while (block.size() < 32 * 1024)
    block += "a:1|c\n";
  std::size_t sent = 0;
  for (int i = 0; i < 1'000; ++i) {
    const ssize_t count = ::send(first.get(), block.data(), block.size(), MSG_DONTWAIT);
    if (count <= 0) break;
    sent += static_cast<std::size_t>(count);
  }
  const Fd second = *ingest::io::unix_connect(desk.path(), UnixType::Streams);  // not accepted yet
  ASSERT_EQ(::send(second.get(), "b:2|c\n", 6, MSG_NOSIGNAL), 6);
  std::size_t kept = 0;
  std::vector<std::string> of_second;
  for (const Kept& each : desk.read()) {
    if (each.connection == 1) kept += each.bytes.size();
    if (each.connection == 2) of_second.push_back(each.bytes);
  }
  EXPECT_EQ(kept, sent);
  EXPECT_EQ(of_second, (std::vector<std::string>{"b:2|c\n", ""}));
}

TEST(RecordSockets, CountsWhoFoundNoPlace) {
  Desk desk{Target::Way::Unix, 2};
  std::vector<Fd> senders;
  senders.reserve(5);
  for (int i = 0; i < 5; ++i)
    senders.push_back(desk.connect(UnixType::Streams));
  EXPECT_EQ(desk.recorder().refused_connections(), 3u);
  char byte = 0;
  EXPECT_EQ(::recv(senders[4].get(), &byte, 1, MSG_DONTWAIT), 0);  // and closed
  desk.send(senders[1], "a:1|c\n");
  EXPECT_EQ(desk.read().front(), (Kept{Kind::Data, 2, "a:1|c\n"}));
}

}  // namespace
}  // namespace gateway::tools
