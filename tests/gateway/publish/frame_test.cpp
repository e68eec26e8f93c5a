#include "gateway/publish/frame.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "gateway/ws/frame.h"

namespace gateway::publish {
namespace {

const std::string kRepeating = [] {
  std::string text = R"({"t":"u","c":[[)";
  for (int i = 0; i < 200; ++i)
    text += std::to_string(i % 7) + ",";
  return text + "0]]}";
}();

/// The message that a client reads from a compressed frame.
std::string inflated(std::string_view frame) {
  const auto parsed = ws::parse_frame_header(ingest::as_bytes(frame));
  if (!parsed || !*parsed || !(*parsed)->header.rsv1) return "not a compressed frame";
  ws::Inflater inflater;
  const auto message =
      inflater.inflate(ingest::as_bytes(frame.substr((*parsed)->header_bytes)), 1U << 20U);
  return message ? std::string{ingest::as_text(*message)} : "not deflate";
}

TEST(FrameTwin, IsTheSameMessageShorter) {
  ws::Deflater deflater;
  const FramePtr frame = make_frame(kRepeating, FramePlace{});
  const TwinView twin = frame->twin(deflater);
  EXPECT_TRUE(twin.made_now);
  EXPECT_LT(twin.bytes.size(), frame->bytes.size());
  EXPECT_EQ(static_cast<unsigned char>(twin.bytes[0]), 0xC1);  // FIN, RSV1, text
  EXPECT_EQ(inflated(twin.bytes), kRepeating);
  EXPECT_EQ(frame->payload(), kRepeating);
}

TEST(FrameTwin, IsMadeOnce) {
  ws::Deflater deflater;
  const FramePtr frame = make_frame(kRepeating, FramePlace{});
  const TwinView first = frame->twin(deflater);
  const TwinView second = frame->twin(deflater);
  EXPECT_FALSE(second.made_now);
  EXPECT_EQ(second.bytes.data(), first.bytes.data());
}

TEST(FrameTwin, IsNotThereWhereItWouldGainNothing) {
  ws::Deflater deflater;
  std::string noise;
  std::uint32_t state = 1;
  for (int i = 0; i < 2'000; ++i)
    noise += static_cast<char>((state = state * 1'664'525U + 1'013'904'223U) >> 24U);
  const std::string shortest(Frame::kTwinPayloadMin - 1, 'a');
  for (const std::string& payload : {noise, shortest}) {
    const FramePtr frame = make_frame(payload, FramePlace{});
    for (int i = 0; i < 2; ++i) {
      const TwinView twin = frame->twin(deflater);
      EXPECT_TRUE(twin.bytes.empty());
      EXPECT_FALSE(twin.made_now);
    }
  }
  EXPECT_TRUE(make_frame(kRepeating)->twin(deflater).bytes.empty());
}

TEST(FrameTwin, IsMadeOnceForAllThreads) {
  constexpr int kThreads = 4;
  for (int round = 0; round < 50; ++round) {
    const FramePtr frame = make_frame(kRepeating, FramePlace{});
    std::atomic<int> made{0};
    std::atomic<int> wrong{0};
    std::atomic<int> waiting{kThreads};
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i)
      threads.emplace_back([&] {
        ws::Deflater deflater;
        --waiting;
        while (waiting.load() > 0)
          std::this_thread::yield();
        const TwinView twin = frame->twin(deflater);
        if (twin.made_now) ++made;
        // While another thread makes it there is none: the plain form goes out.
        if (!twin.bytes.empty() && inflated(twin.bytes) != kRepeating) ++wrong;
      });
    for (std::thread& thread : threads)
      thread.join();
    EXPECT_EQ(made.load(), 1);
    EXPECT_EQ(wrong.load(), 0);
    ws::Deflater deflater;
    EXPECT_EQ(inflated(frame->twin(deflater).bytes), kRepeating);
  }
}

TEST(FrameMessage, IsForOneReaderPlainOrDeflated) {
  ws::Deflater deflater;
  EXPECT_EQ(make_message(ws::Opcode::Binary, "ab", nullptr)->bytes, std::string("\x82\x02"
                                                                                "ab"));
  EXPECT_EQ(make_message(ws::Opcode::Text, "", nullptr)->bytes, std::string("\x81\x00", 2));
  const FramePtr frame = make_message(ws::Opcode::Binary, kRepeating, &deflater);
  EXPECT_EQ(static_cast<unsigned char>(frame->bytes[0]), 0xC2);
  EXPECT_EQ(inflated(frame->bytes), kRepeating);
}

}  // namespace
}  // namespace gateway::publish
