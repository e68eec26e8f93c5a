// rooms: gateway/ws
// What a peer's bytes cost: unmasking, UTF-8 and permessage-deflate in bytes a second, a whole
// message in time.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "gateway/ws/client_session.h"
#include "gateway/ws/deflate.h"
#include "gateway/ws/extension.h"
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

/// An update frame of the subscription protocol with this many rows of three columns.
std::string update_json(std::size_t rows) {
  std::uint32_t state = 1;
  const auto digits = [&](std::uint32_t below) {
    state = state * 1664525 + 1013904223;
    return std::to_string((state >> 8) % below);
  };
  std::string json =
      R"({"t":"u","ch":17,"s":48212,"w":[1764000001000,1764000011000],"n":)" + std::to_string(rows);
  json += ",\"i\":[0";
  for (std::size_t i = 1; i < rows; ++i)
    json += "," + std::to_string(i);
  json += "],\"c\":[[0";
  for (std::size_t i = 1; i < rows; ++i)
    json += "," + digits(2'000);
  for (int column = 0; column < 2; ++column) {
    json += "],[0";
    for (std::size_t i = 1; i < rows; ++i)
      json += "," + digits(100) + "." + digits(1'000);
  }
  return json + "]]}";
}

/// Levels of zlib over sizes of frame: kDeflateLevel was chosen by these rows.
void compress(benchmark::State& state) {
  const std::string json = update_json(static_cast<std::size_t>(state.range(0)));
  Deflater deflater{static_cast<int>(state.range(1))};
  std::string payload;
  for (auto _ : state) {
    payload.clear();
    deflater.compress(json, payload);
    benchmark::DoNotOptimize(payload.data());
  }
  count_bytes(state, json.size());
  state.counters["json_bytes"] = static_cast<double>(json.size());
  state.counters["percent"] =
      100.0 * static_cast<double>(payload.size()) / static_cast<double>(json.size());
}
BENCHMARK(compress)->ArgsProduct({{3, 30, 300, 3'000}, {1, 2, 3, 4, 6, 9}});

void decompress(benchmark::State& state) {
  const std::string json = update_json(static_cast<std::size_t>(state.range(0)));
  Deflater deflater;
  std::string payload;
  deflater.compress(json, payload);
  Inflater inflater;
  for (auto _ : state) {
    const auto message = inflater.inflate(ingest::as_bytes(payload), json.size());
    benchmark::DoNotOptimize(message->data());
  }
  count_bytes(state, json.size());
}
BENCHMARK(decompress)->Arg(3)->Arg(30)->Arg(300)->Arg(3'000);

/// Empty final blocks behind a full window: blocks a second do not fall with their number.
void final_blocks(benchmark::State& state) {
  std::string payload;
  Deflater{}.compress(update_json(3'000), payload);
  payload.append("\x00\x00\xFF\xFF", 4);
  for (std::int64_t i = 0; i < state.range(0); ++i)
    payload.append("\x03\x00", 2);
  Inflater inflater;
  for (auto _ : state) {
    const auto message = inflater.inflate(ingest::as_bytes(payload), std::size_t{1} << 20U);
    benchmark::DoNotOptimize(message->data());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(final_blocks)->Arg(1'024)->Arg(8'192)->Arg(65'536);

/// Offers of extensions that are declined: bytes a second do not fall with their length.
void offers(benchmark::State& state) {
  std::string line;
  while (line.size() < static_cast<std::size_t>(state.range(0)))
    line += "permessage-deflate; server_max_window_bits=8; x=\"\\\"\", ";
  line += "x";
  const std::string_view lines[] = {line};
  for (auto _ : state) {
    const auto choice = choose_deflate(lines);
    benchmark::DoNotOptimize(choice.has_value());
  }
  count_bytes(state, line.size());
}
BENCHMARK(offers)->Arg(512)->Arg(8'192)->Arg(131'072);

/// A client's message as it goes out: header, key, one copy.
void client_message(benchmark::State& state) {
  const std::string payload(static_cast<std::size_t>(state.range(0)), 'a');
  for (auto _ : state) {
    const std::string frame = client_frame(Opcode::Text, payload, kKey);
    benchmark::DoNotOptimize(frame.data());
  }
  count_bytes(state, payload.size());
}
BENCHMARK(client_message)->Arg(100)->Arg(2'048);

}  // namespace
}  // namespace gateway::ws
