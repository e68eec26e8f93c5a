#include "gateway/ws/frame.h"

#include <gtest/gtest.h>

namespace gateway::ws {
namespace {

TEST(WsFrame, WritesTheShortestLength) {
  EXPECT_EQ(frame_header(Opcode::Text, Fin::Yes, 5).text(), "\x81\x05");
  EXPECT_EQ(frame_header(Opcode::Binary, Fin::No, 125).text(), "\x02\x7D");
  EXPECT_EQ(frame_header(Opcode::Text, Fin::Yes, 126).text(),
            (std::string_view{"\x81\x7E\x00\x7E", 4}));
  EXPECT_EQ(frame_header(Opcode::Text, Fin::Yes, 65'535).text(), "\x81\x7E\xFF\xFF");
  EXPECT_EQ(frame_header(Opcode::Text, Fin::Yes, 65'536).text(),
            (std::string_view{"\x81\x7F\x00\x00\x00\x00\x00\x01\x00\x00", 10}));
}

TEST(WsFrame, ReadsWhatItWritesAtEveryBoundary) {
  constexpr MaskKey kKey{1, 2, 3, 4};
  for (const std::uint64_t length :
       {0ULL, 1ULL, 125ULL, 126ULL, 65'535ULL, 65'536ULL, (1ULL << 63) - 1}) {
    for (const auto& mask : {std::optional<MaskKey>{}, std::optional{kKey}}) {
      FrameHeader header;
      header.opcode = Opcode::Binary;
      header.fin = Fin::No;
      header.rsv1 = true;
      header.mask = mask;
      header.payload_bytes = length;
      const HeaderBytes bytes = serialize_frame_header(header);
      for (std::size_t size = 0; size < bytes.size(); ++size) {
        const auto part = parse_frame_header(bytes.view().first(size));
        ASSERT_TRUE(part);
        EXPECT_FALSE(part->has_value())
            << "a header of " << bytes.size() << " is complete after " << size;
      }
      const auto parsed = parse_frame_header(bytes.view());
      ASSERT_TRUE(parsed && parsed->has_value());
      EXPECT_EQ((*parsed)->header_bytes, bytes.size());
      EXPECT_EQ((*parsed)->header.opcode, Opcode::Binary);
      EXPECT_EQ((*parsed)->header.fin, Fin::No);
      EXPECT_TRUE((*parsed)->header.rsv1);
      EXPECT_EQ((*parsed)->header.mask, mask);
      EXPECT_EQ((*parsed)->header.payload_bytes, length);
    }
  }
}

TEST(WsFrame, TellsEachFaultAtTheByteThatProvesIt) {
  struct Case {
    std::vector<std::uint8_t> bytes;
    FrameFault fault;
  };
  const std::vector<Case> cases{
      {{0xA1}, FrameFault::ReservedBit},
      {{0x91}, FrameFault::ReservedBit},
      {{0x83}, FrameFault::UnknownOpcode},
      {{0x8B}, FrameFault::UnknownOpcode},
      {{0x09}, FrameFault::FragmentedControl},
      {{0xC9}, FrameFault::CompressedControl},
      {{0xC0}, FrameFault::CompressedControl},
      {{0x89, 126}, FrameFault::LongControl},
      {{0x88, 255}, FrameFault::LongControl},
      {{0x81, 126, 0, 125}, FrameFault::LengthNotMinimal},
      {{0x81, 127, 0, 0, 0, 0, 0, 0, 255, 255}, FrameFault::LengthNotMinimal},
      {{0x81, 127, 128, 0, 0, 0, 0, 0, 0, 0}, FrameFault::LengthTopBit}};
  for (const Case& one : cases) {
    const auto parsed = parse_frame_header(one.bytes);
    ASSERT_FALSE(parsed);
    EXPECT_EQ(parsed.error(), one.fault);
    const auto before = parse_frame_header(ingest::ByteView{one.bytes}.first(one.bytes.size() - 1));
    EXPECT_TRUE(before && !before->has_value());
  }
}

}  // namespace
}  // namespace gateway::ws
