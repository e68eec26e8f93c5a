// RFC 7692 section 7.2: payloads of permessage-deflate, websocket.md 49, 50, 52 and 54.
#include "gateway/ws/deflate.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/gateway/ws/run_session.h"

namespace gateway::ws {
namespace {

constexpr std::size_t kPlenty = std::size_t{1} << 20;

/// The message, or the fault's sentence.
std::string inflated(std::string_view payload, std::size_t bytes_max = kPlenty) {
  Inflater inflater;
  const auto message = inflater.inflate(ingest::as_bytes(payload), bytes_max);
  return std::string{message ? ingest::as_text(*message) : sentence_of(message.error())};
}
const std::string kGarbage{sentence_of(SessionFault::BadDeflate)};
const std::string kTooBig{sentence_of(SessionFault::MessageTooBig)};

TEST(WsDeflate, ReadsTheExamplesOfTheRfc) {
  const struct {
    std::string payload;
    std::string_view section;
  } examples[] = {
      {raw({0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00}), "7.2.3.1"},
      {raw({0x00, 0x05, 0x00, 0xFA, 0xFF, 0x48, 0x65, 0x6C, 0x6C, 0x6F, 0x00}), "7.2.3.3"},
      {raw({0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x00}), "7.2.3.4"},
      {raw({0xF2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xCA, 0xC9, 0xC9, 0x07, 0x00}),
       "7.2.3.5"},
  };
  for (const auto& example : examples)
    EXPECT_EQ(inflated(example.payload), "Hello") << example.section;
  EXPECT_EQ(inflated(raw({0x00})), "");  // 7.2.3.6
}

TEST(WsDeflate, WritesTheExamplesOfTheRfc) {
  EXPECT_EQ(deflated("Hello"), raw({0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00}));  // 7.2.3.1
  EXPECT_EQ(deflated(""), raw({0x00}));                                           // 7.2.3.6
}

TEST(WsDeflate, RefusesWhatRefersToAnEarlierMessage) {
  // 7.2.3.2: the second "Hello" of a peer that keeps its context.
  Inflater inflater;
  const std::string first = raw({0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00});
  const std::string second = raw({0xF2, 0x00, 0x11, 0x00, 0x00});
  ASSERT_TRUE(inflater.inflate(ingest::as_bytes(first), kPlenty));
  const auto message = inflater.inflate(ingest::as_bytes(second), kPlenty);
  ASSERT_FALSE(message);
  EXPECT_EQ(message.error(), SessionFault::BadDeflate);
  const auto third = inflater.inflate(ingest::as_bytes(first), kPlenty);
  ASSERT_TRUE(third);
  EXPECT_EQ(ingest::as_text(*third), "Hello");
}

TEST(WsDeflate, ReadsBackWhatItWrote) {
  Deflater deflater;
  Inflater inflater;
  const std::string json = R"({"t":"u","ch":17,"s":48212,"n":3,"i":[0,2],"c":[[830,415]]})";
  std::string repeated;
  for (int i = 0; i < 5'000; ++i)
    repeated += json;
  const std::string messages[] = {
      "", "a", json, repeated, noise(100), noise(16'384), noise(200'000), std::string(70'000, '\0'),
  };
  for (const std::string& message : messages) {
    std::string payload = "before";
    deflater.compress(message, payload);
    ASSERT_TRUE(payload.starts_with("before"));
    EXPECT_EQ(payload.substr(6), deflated(message)) << "a function of the message alone";
    const auto back = inflater.inflate(ingest::as_bytes(payload).subspan(6), kPlenty);
    ASSERT_TRUE(back);
    EXPECT_EQ(ingest::as_text(*back), message);
  }
}

TEST(WsDeflate, WritesNoMoreThanItsBoundForWhatDoesNotShrink) {
  for (const std::size_t size : {0U, 1U, 20U, 1'000U, 16'384U, 65'536U, 200'000U})
    EXPECT_LE(deflated(noise(size)).size(), deflated_bytes_max(size)) << size;
  EXPECT_LE(deflated_bytes_max(65'536), 65'536U * 8 / 7) << "and the bound is near";
  constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();
  EXPECT_EQ(deflated_bytes_max(kNone), kNone);
  EXPECT_EQ(deflated_bytes_max(kNone - 100), kNone);
}

TEST(WsDeflate, TakesAnEmptyPayloadAsAnEmptyMessage) {
  EXPECT_EQ(inflated(""), "");
}

TEST(WsDeflate, TakesAFinalBlockWithAndWithoutTheByteBehindIt) {
  const std::string final_block = raw({0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00});
  EXPECT_EQ(inflated(final_block), "Hello");
  EXPECT_EQ(inflated(final_block + raw({0x00})), "Hello");
  EXPECT_EQ(inflated(final_block + final_block), "HelloHello");
  EXPECT_EQ(inflated(final_block + raw({0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00})), "HelloHello");
}

TEST(WsDeflate, KeepsTheWindowBehindAFinalBlock) {
  // 7.2.3.2's second message refers to the five bytes before it: here they are the same message's.
  EXPECT_EQ(inflated(raw({0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00}) +
                     raw({0xF2, 0x00, 0x11, 0x00, 0x00})),
            "HelloHello");
}

TEST(WsDeflate, RefusesGarbage) {
  for (const std::string& payload :
       {raw({0xFF}), raw({0xFF, 0xFF, 0xFF, 0xFF}), raw({0x06}), raw({0x07, 0x01}),
        raw({0x00, 0x05, 0x00, 0x05, 0x00}), std::string{"Hello"}, noise(500),
        raw({0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0xFF, 0xFF})}) {
    EXPECT_EQ(inflated(payload), kGarbage);
  }
}

TEST(WsDeflate, RefusesAPayloadThatIsCutOffInsideABlock) {
  // A stored block, whose end no tail can supply by chance.
  const std::string stored =
      raw({0x00, 0x05, 0x00, 0xFA, 0xFF, 0x48, 0x65, 0x6C, 0x6C, 0x6F, 0x00});
  for (std::size_t size = 2; size + 1 < stored.size(); ++size)
    EXPECT_EQ(inflated(stored.substr(0, size)), kGarbage) << size;
  // A final block whose last bits the tail would supply.
  EXPECT_EQ(inflated(raw({0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07})), kGarbage);
}

TEST(WsDeflate, StopsAtTheLimit) {
  const std::string zeros = deflated(std::string(10'000'000, '\0'));
  EXPECT_LE(zeros.size(), 50'000U);
  for (const std::size_t limit : {1U, 1'000U, 65'536U, 1'000'000U, 9'999'999U}) {
    Inflater inflater;
    const auto message = inflater.inflate(ingest::as_bytes(zeros), limit);
    ASSERT_FALSE(message);
    EXPECT_EQ(message.error(), SessionFault::MessageTooBig);
    EXPECT_LE(inflater.held_bytes(), limit + 16'384) << "inflated no more than that";
  }
  EXPECT_EQ(inflated(zeros, 10'000'000).size(), 10'000'000U);
  EXPECT_EQ(inflated(deflated("Hello"), 5), "Hello");
  EXPECT_EQ(inflated(deflated("Hello"), 4), kTooBig);
}

TEST(WsDeflate, StopsAtTheLimitWithABufferThatIsLarger) {
  Inflater inflater;
  const std::string zeros = deflated(std::string(50'000, '\0'));
  ASSERT_TRUE(inflater.inflate(ingest::as_bytes(zeros), kPlenty));
  EXPECT_FALSE(inflater.inflate(ingest::as_bytes(zeros), 49'999));
  EXPECT_TRUE(inflater.inflate(ingest::as_bytes(zeros), 50'000));
}

TEST(WsDeflate, ReadsWithoutALimit) {
  constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();
  EXPECT_EQ(inflated(deflated("Hello"), kNone), "Hello");
  EXPECT_EQ(inflated(deflated(std::string(100'000, 'a')), kNone).size(), 100'000U);
  EXPECT_EQ(inflated(raw({0xFF}), kNone), kGarbage);
}

TEST(WsDeflate, GivesTheMemoryOfALargeMessageBack) {
  Inflater inflater;
  ASSERT_TRUE(inflater.inflate(ingest::as_bytes(deflated(std::string(500'000, 'a'))), kPlenty));
  EXPECT_GE(inflater.held_bytes(), 500'000U);
  inflater.rest();
  EXPECT_LE(inflater.held_bytes(), Inflater::kKeepBytes);
}

TEST(WsDeflate, ReadsManyFinalBlocksBehindAFullWindow) {
  // 32,768 empty final blocks. That each costs its two bytes, and not the window, is ws_bench's
  // `final_blocks`.
  std::string payload = deflated(noise(40'000));
  payload += raw({0x00, 0x00, 0xFF, 0xFF});  // the block that the missing tail would have ended
  for (int i = 0; i < 32'768; ++i)
    payload += raw({0x03, 0x00});
  EXPECT_EQ(inflated(payload), noise(40'000));
}

}  // namespace
}  // namespace gateway::ws
