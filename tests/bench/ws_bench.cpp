// rooms: gateway/ws
// What a client's bytes cost: unmasking and UTF-8 in bytes a second, a whole message in time.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "gateway/ws/mask.h"
#include "gateway/ws/server_session.h"
#include "gateway/ws/utf8.h"

namespace gateway::ws {
namespace {

constexpr MaskKey kKey{0x37, 0xFA, 0x21, 0x3D};

void count_bytes(benchmark::State& state, std::size_t size) {
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) *
                          static_cast<std::int64_t>(size));
}

void unmask(benchmark::State& state) {
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(state.range(0)), 'a');
  for (auto _ : state) {
    apply_mask(bytes, kKey, 1);
    benchmark::DoNotOptimize(bytes.data());
    benchmark::ClobberMemory();
  }
  count_bytes(state, bytes.size());
}
BENCHMARK(unmask)->Arg(100)->Arg(2048)->Arg(65536);

void validate(benchmark::State& state, std::string_view unit) {
  std::string text;
  while (text.size() < 2048)
    text += unit;
  for (auto _ : state) {
    benchmark::DoNotOptimize(text.data());
    bool valid = is_valid_utf8(text);
    benchmark::DoNotOptimize(valid);
  }
  count_bytes(state, text.size());
}
void utf8_ascii(benchmark::State& state) {
  validate(state, "a");
}
void utf8_german(benchmark::State& state) {
  validate(state, "Zw\xC3\xB6lf Boxk\xC3\xA4mpfer jagen Viktor. ");
}
void utf8_chinese(benchmark::State& state) {
  validate(state, "\xE4\xB8\xAD\xE6\x96\x87");
}
BENCHMARK(utf8_ascii);
BENCHMARK(utf8_german);
BENCHMARK(utf8_chinese);

/// A run of masked text messages that came in one read, as pipelined `seen` messages do.
void messages(benchmark::State& state) {
  constexpr std::size_t kMessages = 100;
  FrameHeader header;
  header.mask = MaskKey{};  // a zero key leaves the bytes as they are, so each round sees the same
  header.payload_bytes = static_cast<std::uint64_t>(state.range(0));
  std::string stream;
  for (std::size_t i = 0; i < kMessages; ++i) {
    stream.append(serialize_frame_header(header).text())
        .append(static_cast<std::size_t>(state.range(0)), 'a');
  }
  std::vector<std::uint8_t> bytes(stream.begin(), stream.end());
  ServerSession session;
  std::size_t delivered = 0;
  for (auto _ : state) {
    session.receive(bytes);
    while (const auto event = session.next_event())
      delivered += std::get<Text>(*event).text.size();
  }
  benchmark::DoNotOptimize(delivered);
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * kMessages));
}
BENCHMARK(messages)->Arg(20)->Arg(100)->Arg(1000);

}  // namespace
}  // namespace gateway::ws
