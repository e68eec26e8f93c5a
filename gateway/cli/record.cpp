#include "gateway/cli/record.h"

#include <memory>
#include <ostream>
#include <utility>

#include "gateway/cli/command_line.h"
#include "gateway/cli/format_option.h"
#include "gateway/tools/record_sockets.h"
#include "gateway/tools/recorder.h"
#include "ingest/base/units.h"
#include "ingest/io/descriptor_limit.h"
#include "ingest/io/log.h"
#include "ingest/io/real_clock.h"
#include "ingest/io/signals.h"

namespace gateway::cli {
namespace {

using ingest::Failure;
using ingest::Result;
using ingest::io::EventLoop;
using tools::Recorder;
using tools::RecordSockets;
using tools::Target;

/// What a kill may take with it.
constexpr ingest::Millis kFlushEvery{1'000};

constexpr const char* kFooter =
    R"(FILE must not exist yet. Each datagram is kept byte for byte with the time of its arrival; of TCP and Unix
streams the lines, and which connection they came from. weir replay gives all of it back.

It ends with Ctrl-C, after --for, or when the file has --max-bytes. What the kernel drops meanwhile is
counted, told at the end and kept in the file. --forward passes everything on as it comes, so that a
running server still gets it: let that one listen elsewhere.

Writes over HTTP are not recorded: each is acknowledged, and whoever says 204 says that its lines count.
Let the senders use a socket for the time of the recording, or keep the bodies on their side.

Examples:
  weir record night.weir --listen udp://127.0.0.1:8125
  weir record hour.weir --listen tcp://0.0.0.0:2003 --format graphite --for 1h --max-bytes 20GiB
  weir record a.weir --listen udp://0.0.0.0:8125 --forward udp://127.0.0.1:9125)";

ingest::record::Transport transport_of(Target::Way way) {
  using ingest::record::Transport;
  switch (way) {
    case Target::Way::Udp:
      return Transport::Udp;
    case Target::Way::Unixgram:
      return Transport::Unixgram;
    case Target::Way::Unix:
      return Transport::Unix;
    case Target::Way::Tcp:
    case Target::Way::Http:
      break;
  }
  return Transport::Tcp;
}

class Recording {
 public:
  Recording(const RecordWish& wanted, std::ostream& out, std::ostream& err)
      : wanted_(wanted), out_(out), err_(err) {}

  Result<void> run() {
    TRY(ingest::io::block_signals());
    ingest::io::raise_descriptor_limit();
    const auto loop = TRY(EventLoop::open(clock_));
    const auto signals =
        TRY(ingest::io::Signals::open(*loop, [&](int /*signal*/) { loop->stop(); }));
    Late late;
    const auto sockets = TRY(RecordSockets::open({.loop = loop.get(),
                                                  .log = &log_,
                                                  .sink = &late,
                                                  .listen = wanted_.listen,
                                                  .format = wanted_.format}));
    const auto recorder = TRY(open_recorder(sockets->address(), [&] { loop->stop(); }));
    late.recorder = recorder.get();
    flush_by_and_by(*loop, *recorder);
    if (wanted_.time) loop->at(clock_.mono() + *wanted_.time, [&] { loop->stop(); });
    out_ << "event=listening what=record address=" << sockets->address() << "\n"
         << "recording to " << wanted_.path << " (Ctrl-C ends it)" << std::endl;
    loop->run();
    sockets->drain();
    TRY(recorder->finish());
    tell(*recorder);
    return {};
  }

 private:
  /// Sockets come first, so that a file says where it was listened; they are silent until the loop
  /// runs.
  struct Late final : tools::ArrivalSink {
    Recorder* recorder = nullptr;
    void datagram(std::string_view bytes, Whole whole) override {
      recorder->datagram(bytes, whole);
    }
    void piece(std::uint32_t number, std::string_view bytes) override {
      recorder->piece(number, bytes);
    }
    void closed(std::uint32_t number) override { recorder->closed(number); }
    void dropped(std::uint64_t count) override {
      if (recorder != nullptr) recorder->dropped(count);
    }
    void refused() override { recorder->refused(); }
  };

  Result<std::unique_ptr<Recorder>> open_recorder(const std::string& address,
                                                  std::function<void()> done);
  void flush_by_and_by(EventLoop& loop, Recorder& recorder);
  void tell(const Recorder& recorder);

  const RecordWish& wanted_;
  std::ostream& out_;
  std::ostream& err_;
  ingest::io::RealClock clock_;
  ingest::io::Logger log_;
};

void Recording::flush_by_and_by(EventLoop& loop, Recorder& recorder) {
  loop.at(clock_.mono() + kFlushEvery, [&] {
    recorder.flush();
    flush_by_and_by(loop, recorder);
  });
}

void Recording::tell(const Recorder& recorder) {
  const auto& totals = recorder.totals();
  const bool datagrams = tools::sends_datagrams(wanted_.listen.way);
  out_ << "recorded " << totals.records << (datagrams ? " datagrams, " : " blocks of lines, ")
       << totals.bytes << " bytes" << std::endl;
  if (recorder.is_full())
    err_ << "weir record: " << wanted_.path << " is as large as it may be (--max-bytes)\n";
  if (totals.drops > 0)
    err_ << "weir record: the kernel dropped " << totals.drops
         << " datagrams that came faster than they could be taken\n";
  if (recorder.refused_connections() > 0)
    err_ << "weir record: " << recorder.refused_connections() << " connections were refused, as "
         << RecordSockets::kConnectionsMax << " were open\n";
  if (recorder.not_forwarded() > 0)
    err_ << "weir record: " << recorder.not_forwarded() << " datagrams could not be forwarded to "
         << to_text(*wanted_.forward) << "\n";
}

Result<std::unique_ptr<Recorder>> Recording::open_recorder(const std::string& address,
                                                           std::function<void()> done) {
  std::optional<tools::LinePost> forward;
  if (wanted_.forward)
    forward.emplace(TRY(tools::LinePost::open(*wanted_.forward, wanted_.format)));
  auto writer = TRY(ingest::record::RecordingWriter::create(
      {.path = wanted_.path,
       .header = {.format = wanted_.format,
                  .transport = transport_of(wanted_.listen.way),
                  .address = address,
                  .started = clock_.wall()},
       .bytes_max = wanted_.bytes_max}));
  return std::make_unique<Recorder>(Recorder::Parts{.writer = std::move(writer),
                                                    .forward = std::move(forward),
                                                    .clock = &clock_,
                                                    .done = std::move(done)});
}

Result<Target, std::string> read_listen(const std::string& text, ingest::codec::Format format) {
  if (text.empty()) return read_target(text, format);
  auto target = tools::parse_listen(text);
  if (!target) return Failure{"--listen " + target.error()};
  return target;
}

}  // namespace

RecordArguments::RecordArguments(const Syntax& weir)
    : syntax_(weir.command("record", "Write what a feed receives to a file, for weir replay",
                           kFooter)) {
  syntax_.text(path_, {"file", "To write", "FILE"});
  syntax_.text(listen_, {"--listen",
                         "udp:// tcp://ADDRESS:PORT, unixgram: unix:/PATH (udp://127.0.0.1 and "
                         "the format's port)",
                         "ADDRESS"});
  syntax_.text(format_, {"--format", "statsd, influx, graphite or json", "FORMAT"});
  syntax_.text(time_, {"--for", "Then end", "TIME"});
  syntax_.text(bytes_max_, {"--max-bytes", "Of the file; then end", "SIZE"});
  syntax_.text(forward_, {"--forward", "udp://HOST:PORT, which gets all of it too", "ADDRESS"});
}

Result<RecordWish, std::string> RecordArguments::take() const {
  if (path_.empty()) return Failure{std::string{"which file shall be written?"}};
  RecordWish wish;
  wish.path = path_;
  wish.format = TRY(read_format(format_));
  wish.listen = TRY(read_listen(listen_, wish.format));
  if (!time_.empty()) {
    const auto time = ingest::read_duration(time_, ingest::Units::Required);
    if (!time) return Failure{"--for " + time.error()};
    wish.time = *time;
  }
  const auto size = ingest::read_size(bytes_max_, ingest::Units::Required);
  if (!size) return Failure{"--max-bytes " + size.error()};
  wish.bytes_max = *size;
  if (forward_.empty()) return wish;
  auto forward = tools::parse_target(forward_);
  if (!forward) return Failure{"--forward " + forward.error()};
  if (forward->way != Target::Way::Udp)
    return Failure{std::string{"--forward goes over udp:// alone, which cannot hold recording up"}};
  wish.forward = *std::move(forward);
  return wish;
}

Exit record(const RecordWish& wanted, std::ostream& out, std::ostream& err) {
  const auto recorded = Recording{wanted, out, err}.run();
  if (recorded) return Exit::Good;
  err << "weir record: " << recorded.error().what << "\n";
  return Exit::CannotGoOn;
}

}  // namespace gateway::cli
