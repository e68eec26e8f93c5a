#include "gateway/cli/bench_engine.h"

#include <string_view>
#include <vector>

#include "gateway/cli/bench_clock.h"
#include "gateway/cli/bench_ticks.h"
#include "gateway/ws/deflate.h"
#include "gateway/ws/mask.h"
#include "gateway/ws/server_session.h"
#include "gateway/ws/utf8.h"
#include "ingest/codec/statsd.h"
#include "ingest/sketch/exp_histogram.h"

namespace gateway::cli {
namespace {

using Tell = std::function<void(const EngineNumber&)>;

// ---- WebSocket ----

/// A run of masked text messages as one read brings them; each round begins from a fresh copy.
void measure_frames(const Tell& tell) {
  constexpr std::size_t kMessages = 256;
  constexpr std::size_t kBytes = 100;
  ws::FrameHeader header;
  header.mask = ws::MaskKey{0x37, 0xFA, 0x21, 0x3D};
  const std::string message(kBytes, 'a');
  std::string stream;
  for (std::size_t i = 0; i < kMessages; ++i)
    stream += ws::make_frame(header, message);
  std::vector<std::uint8_t> bytes(stream.size());
  ws::ServerSession session;
  const double run = nanoseconds_of([&] {
    std::copy(stream.begin(), stream.end(), bytes.begin());
    session.receive(bytes);
    while (const auto event = session.next_event())
      look_at(&*event);
  });
  tell({"read a masked text message of 100 B: frame, unmask, UTF-8", run / kMessages, kBytes});
}

void measure_bytes(const Tell& tell) {
  std::vector<std::uint8_t> payload(std::size_t{16} << 10U, 'a');
  tell({"unmask 16 KiB", nanoseconds_of([&] {
          ws::apply_mask(payload, {0x37, 0xFA, 0x21, 0x3D}, 1);
          look_at(payload.data());
        }),
        static_cast<double>(payload.size())});
  const std::string ascii(2'048, 'a');
  tell({"validate UTF-8, 2 KiB of ASCII", nanoseconds_of([&] {
          const bool valid = ws::is_valid_utf8(ascii);
          look_at(&valid);
        }),
        static_cast<double>(ascii.size())});
}

// ---- an update of the subscription protocol ----

constexpr std::size_t kRows = 1'000;

void measure_updates(const Tell& tell) {
  BenchTicks ticks{kRows, 3};
  std::string frame{ticks.step()};
  const double encode = nanoseconds_of([&] { look_at(ticks.step().data()); });
  tell({"encode a frame of 1,000 rows of 3 numbers, all changed", encode,
        static_cast<double>(frame.size())});
  ws::Deflater deflater;
  std::string deflated;
  const double deflate = nanoseconds_of([&] {
    deflated.clear();
    deflater.compress(frame, deflated);
    look_at(deflated.data());
  });
  tell({"deflate that frame to " +
            std::to_string(deflated.size() * 100 / std::max<std::size_t>(frame.size(), 1)) + "%",
        deflate, static_cast<double>(frame.size())});
  ws::Inflater inflater;
  const double inflate = nanoseconds_of([&] {
    const auto message = inflater.inflate(ingest::as_bytes(deflated), frame.size());
    look_at(&message);
  });
  tell({"inflate it", inflate, static_cast<double>(frame.size())});
}

// ---- ingest ----

class Counting final : public ingest::model::SampleSink {
 public:
  void take(std::span<const ingest::model::Sample> batch) override { samples += batch.size(); }
  std::size_t samples = 0;
};

void measure_statsd(const Tell& tell) {
  constexpr std::size_t kDatagram = 1'400;
  std::string block;
  std::size_t lines = 0;
  for (BenchNumbers numbers; block.size() < kDatagram; ++lines) {
    block += "checkout.latency:" + std::to_string(numbers.below(500)).substr(0, 6) +
             "|ms|#route:/pay,region:eu-west-1,host:web-" + std::to_string(lines % 20) + "\n";
  }
  const ingest::codec::Statsd statsd;
  Counting sink;
  ingest::codec::SampleBatch batch{sink};
  ingest::codec::LineLedger ledger;
  const double run = nanoseconds_of([&] {
    statsd.parse(block, ledger, batch);
    batch.flush();
    look_at(&sink);
  });
  tell({"parse a StatsD line with 3 tags", run / static_cast<double>(lines),
        static_cast<double>(block.size()) / static_cast<double>(lines)});
}

void measure_sketch(const Tell& tell) {
  using ingest::sketch::ExpHistogram;
  BenchNumbers numbers;
  std::vector<double> values(4'096);
  for (double& value : values)
    value = 1 + numbers.below(20) * numbers.below(20);
  ExpHistogram histogram;
  for (const double value : values)
    histogram.add(value, 1);
  const ExpHistogram other = histogram;
  std::size_t i = 0;
  tell({"add a value to a quantile sketch",
        nanoseconds_of([&] { histogram.add(values[i++ & 4'095U], 1); }), 0});
  ExpHistogram sum = other;
  tell({"merge two sketches of " + std::to_string(other.positive().weights.size()) + " buckets",
        nanoseconds_of([&] { sum.merge(other); }), 0});
  tell({"read a p99 from one", nanoseconds_of([&] {
          const auto quantile = other.quantile(0.99);
          look_at(&quantile);
        }),
        0});
}

}  // namespace

void measure_engine(const Tell& tell) {
  measure_statsd(tell);
  measure_sketch(tell);
  measure_updates(tell);
  measure_frames(tell);
  measure_bytes(tell);
}

}  // namespace gateway::cli
