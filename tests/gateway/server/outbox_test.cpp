#include "gateway/server/outbox.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gateway::server {
namespace {

std::string text_of(const std::vector<iovec>& buffers) {
  std::string text;
  for (const iovec& buffer : buffers)
    text.append(static_cast<const char*>(buffer.iov_base), buffer.iov_len);
  return text;
}

std::string due(const Outbox& outbox, std::size_t buffers_max = 64) {
  std::vector<iovec> buffers;
  outbox.gather(buffers, buffers_max);
  EXPECT_LE(buffers.size(), buffers_max);
  return text_of(buffers);
}

TEST(Outbox, GivesItsBytesInOrderForEverySplit) {
  const std::string all = "head;fixed;tail";
  for (std::size_t step = 1; step <= all.size(); ++step) {
    Outbox outbox;
    outbox.add("head;");
    outbox.add_static("fixed;");
    outbox.add("tail");
    std::string got;
    while (!outbox.empty()) {
      const std::string part = due(outbox).substr(0, step);
      got += part;
      outbox.sent(part.size());
      EXPECT_EQ(outbox.bytes(), all.size() - got.size());
    }
    EXPECT_EQ(got, all) << step;
  }
}

TEST(Outbox, KeepsTheRestOfAFrame) {
  Outbox outbox;
  const publish::FramePtr frame = publish::make_frame(R"({"t":"hb"})");
  outbox.add_rest(frame, std::string_view{frame->bytes}.substr(3));
  EXPECT_EQ(due(outbox), frame->bytes.substr(3));
  outbox.sent(2);
  EXPECT_EQ(due(outbox), frame->bytes.substr(5));
  outbox.sent(outbox.bytes());
  EXPECT_TRUE(outbox.empty());
  EXPECT_EQ(frame.use_count(), 1);
}

TEST(Outbox, GathersNoMoreBuffersThanAllowed) {
  Outbox outbox;
  for (int i = 0; i < 100; ++i)
    outbox.add(std::to_string(i % 10));
  EXPECT_EQ(due(outbox, 7), "0123456");
  outbox.sent(7);
  EXPECT_EQ(due(outbox, 3), "789");
}

TEST(Outbox, LetsGoOfWhatIsWrittenThoughItIsNeverEmpty) {
  Outbox outbox;
  outbox.add("0");
  for (int i = 1; i < 10'000; ++i) {
    outbox.add(std::to_string(i % 10));
    ASSERT_EQ(due(outbox).front(), static_cast<char>('0' + (i - 1) % 10));
    outbox.sent(1);
  }
  EXPECT_EQ(due(outbox), "9");
  EXPECT_LE(outbox.pieces(), 130U);
}

TEST(Outbox, LeavesEmptyPiecesOut) {
  Outbox outbox;
  outbox.add("");
  outbox.add_static("");
  EXPECT_TRUE(outbox.empty());
  EXPECT_EQ(due(outbox), "");
}

}  // namespace
}  // namespace gateway::server
