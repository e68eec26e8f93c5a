#include "gateway/tools/outlet.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <thread>

#include "gateway/tools/http_call.h"
#include "gateway/tools/line_post.h"
#include "ingest/io/socket.h"

namespace gateway::tools {
namespace {

using ingest::io::Fd;

/// Somebody who listens for streams, without a thread: connections wait in its queue.
class OutletTest : public ::testing::Test {
 protected:
  OutletTest() {
    listener_ = *ingest::io::tcp_listen(*ingest::io::Address::parse("127.0.0.1:0"));
    target_.way = Target::Way::Tcp;
    target_.port = ingest::io::local_address(listener_.get())->port();
  }
  Fd accept() const {
    for (;;) {
      Fd peer{::accept(listener_.get(), nullptr, nullptr)};
      if (peer || errno != EAGAIN) return peer;
      std::this_thread::yield();
    }
  }
  /// What comes first, as soon as something is there.
  static std::string first_of(const Fd& peer) {
    std::array<char, 2'000> buffer{};
    const ssize_t got = ::recv(peer.get(), buffer.data(), buffer.size(), 0);
    return {buffer.data(), got > 0 ? static_cast<std::size_t>(got) : 0};
  }

  Fd listener_;
  Target target_;
};

TEST_F(OutletTest, ALineAfterTheServerClosedGoesOverANewStream) {
  auto post = LinePost::open(target_, ingest::codec::Format::Statsd);
  ASSERT_TRUE(post);
  Fd first = accept();
  ASSERT_TRUE(post->send("a:1|c\n"));
  EXPECT_EQ(first_of(first), "a:1|c\n");
  first.reset();  // as one that was idle for too long
  ASSERT_TRUE(post->send("b:2|c\n"));
  const Fd second = accept();
  EXPECT_EQ(first_of(second), "b:2|c\n");
  ASSERT_TRUE(post->send("c:3|c\n"));
  EXPECT_EQ(first_of(second), "c:3|c\n");
}

TEST_F(OutletTest, SaysThatAServerThatIsGoneClosed) {
  auto post = LinePost::open(target_, ingest::codec::Format::Statsd);
  ASSERT_TRUE(post);
  accept().reset();
  listener_.reset();
  const auto sent = post->send("a:1|c\n");
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().what, "nobody listens on " + to_text(target_));
}

TEST_F(OutletTest, SaysThatAServerClosesTheNewStreamToo) {
  auto post = LinePost::open(target_, ingest::codec::Format::Statsd);
  ASSERT_TRUE(post);
  accept().reset();
  std::thread server{[&] { accept().reset(); }};
  const auto sent = post->send("a:1|c\n");
  server.join();
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().what, to_text(target_) + " has closed the connection");
}

TEST_F(OutletTest, AStreamBeginsWithItsTokenAndBeginsAgainWithIt) {
  target_.token = "s3cret";
  auto post = LinePost::open(target_, ingest::codec::Format::Statsd);
  ASSERT_TRUE(post);
  Fd first = accept();
  EXPECT_EQ(first_of(first), "token s3cret\n");
  first.reset();
  ASSERT_TRUE(post->send("a:1|c\n"));
  const Fd second = accept();
  std::string all = first_of(second);
  if (all == "token s3cret\n") all += first_of(second);
  EXPECT_EQ(all, "token s3cret\na:1|c\n");
}

TEST_F(OutletTest, ATokenThatIsRefusedIsTold) {
  target_.token = "wrong";
  std::thread server{[&] {
    const Fd peer = accept();
    first_of(peer);
  }};
  const auto post = LinePost::open(target_, ingest::codec::Format::Statsd);
  server.join();
  ASSERT_FALSE(post);
  EXPECT_EQ(post.error().what,
            to_text(target_) + " has closed the connection; does it know the token?");
  EXPECT_EQ(post.error().what.find("wrong"), std::string::npos);
}

TEST_F(OutletTest, AnHttpCallShowsItsTokenInAHeader) {
  target_.way = Target::Way::Http;
  target_.token = "s3cret";
  std::string asked;
  std::thread server{[&] {
    const Fd peer = accept();
    asked = first_of(peer);
    constexpr std::string_view kAnswer = "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
    ::send(peer.get(), kAnswer.data(), kAnswer.size(), MSG_NOSIGNAL);
  }};
  const auto answer = http_call(target_, {.method = "GET", .path = "/", .body = {}});
  server.join();
  ASSERT_TRUE(answer) << answer.error().what;
  EXPECT_EQ(answer->status, 204);
  EXPECT_TRUE(asked.starts_with("GET / HTTP/1.1\r\n")) << asked;
  EXPECT_NE(asked.find("\r\nAuthorization: Bearer s3cret\r\n"), std::string::npos) << asked;
}

}  // namespace
}  // namespace gateway::tools
