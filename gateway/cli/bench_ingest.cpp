#include "gateway/cli/bench_ingest.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <ostream>
#include <utility>

#include "gateway/cli/bench_server.h"
#include "gateway/cli/command_line.h"
#include "gateway/cli/format_option.h"
#include "gateway/cli/load_run.h"
#include "gateway/cli/progress.h"
#include "gateway/tools/interrupt.h"
#include "ingest/base/units.h"
#include "ingest/codec/number.h"
#include "ingest/io/signals.h"
#include "ingest/model/sample.h"

namespace gateway::cli {
namespace {

using ingest::Failure;
using ingest::Result;
using ingest::codec::Format;
using ingest::model::Kind;
using tools::Target;

constexpr const char* kFooter =
    R"(Without --to it starts a Weir of its own in another process, on 127.0.0.1, with room for the series, and
ends it. With --to the server's numbers need --metrics (its HTTP address) and --pid (its process).
All packets are made beforehand and sent from one thread: as fast as they go, or evenly with --rate.
Over http each is the body of one write, on one connection, and the next waits for the answer.

  a line     processor time of the server for each line that it read: receiving, parsing, folding,
             handing over; waiting is free
  ledgers    what was sent = received + dropped by the kernel; lines received = accepted + rejected +
             ...; samples = where they went. With udp-gso the kernel may count dropped datagrams once
             for many, so that this sum can fall short
  zero loss  --find-zero-loss halves the rate until nothing is lost, in 8 runs of --duration

On a machine with few cores pin both: taskset -c 1 weir bench ingest --to ... , the server on core 0.

Examples:
  weir bench ingest
  weir bench ingest --transport udp-gso --series 100000 --tags 3
  weir bench ingest --transport http --format influx
  weir bench ingest --find-zero-loss --duration 2s --json
  weir bench ingest --to udp://127.0.0.1:8125 --metrics http://127.0.0.1:8080 --pid $(pidof weir) --rate 500000)";

/// What the loads may fill: the table's own limits are not what is measured.
constexpr std::uint64_t kSeriesRoom = 1'000'000;
constexpr std::uint64_t kDatagramBytes = 1'364;
constexpr std::uint64_t kStreamBytes = 60'000;

struct Transport {
  std::string_view name;
  Target::Way way;
  bool segmented;
};
constexpr std::array kTransports{Transport{"udp", Target::Way::Udp, false},
                                 Transport{"udp-gso", Target::Way::Udp, true},
                                 Transport{"tcp", Target::Way::Tcp, false},
                                 Transport{"unixgram", Target::Way::Unixgram, false},
                                 Transport{"unix", Target::Way::Unix, false},
                                 Transport{"http", Target::Way::Http, false}};
constexpr const char* kTransportNames = "udp, udp-gso, tcp, unixgram, unix or http";

/// printf's numbers, which streams do clumsily.
template <class... Values>
std::string line(const char* format, Values... values) {
  std::array<char, 200> text{};
  std::snprintf(text.data(), text.size(), format, values...);  // NOLINT(*-vararg): columns
  return text.data();
}

std::string way_name(Target::Way way) {
  for (const Transport& transport : kTransports) {
    if (transport.way == way) return std::string{transport.name};
  }
  return "udp";
}

/// A Weir of our own, or the one that was named.
class Server {
 public:
  static Result<std::unique_ptr<Server>> open(const BenchIngest& wanted) {
    std::unique_ptr<Server> server{new Server};
    LoadedServer& known = server->known_;
    const std::string format{ingest::codec::format_name(wanted.load.format)};
    known.feed = way_name(wanted.way) + "/" + format;
    if (wanted.target) {
      known.target = *wanted.target;
      known.metrics = wanted.metrics;
      known.pid = wanted.pid;
      return server;
    }
    TRY(server->start(wanted, format));
    return server;
  }

  const LoadedServer& known() const { return known_; }
  /// Before the first load; 0 where it is not ours.
  std::uint64_t memory_before() const { return memory_before_; }

 private:
  Server() = default;

  Result<void> start(const BenchIngest& wanted, const std::string& format) {
    const bool path = wanted.way == Target::Way::Unixgram || wanted.way == Target::Way::Unix;
    const bool http = wanted.way == Target::Way::Http;
    std::string listen = way_name(wanted.way) + "://127.0.0.1:0";
    if (path) {
      const auto folder = std::filesystem::temp_directory_path();
      listen = way_name(wanted.way) + ":" +
               (folder / ("weir-bench-" + std::to_string(::getpid()))).string();
    }
    const std::string feed = "{listen: \"" + listen + "\", format: " + format + "}";
    const std::string room = std::to_string(kSeriesRoom);
    own_.emplace(TRY(BenchServer::start_with(
        {"feeds=[" + (http ? "" : feed) + "]", "limits.series=" + room, "limits.names=" + room,
         "limits.series_per_name=" + room, "limits.values_per_tag=" + room,
         "limits.new_series_per_source=off"})));
    const std::string address = http ? own_->address() : own_->address_of(known_.feed);
    auto target = tools::parse_target(path ? listen : way_name(wanted.way) + "://" + address);
    auto metrics = tools::parse_target("http://" + own_->address());
    if (!target || !metrics)
      return Failure{ingest::Error{0, "the Weir that was started does not say where it listens"}};
    known_.target = *std::move(target);
    known_.metrics = *std::move(metrics);
    known_.pid = own_->pid();
    memory_before_ = own_->memory_bytes().value_or(0);
    return {};
  }

  LoadedServer known_;
  std::optional<BenchServer> own_;
  std::uint64_t memory_before_ = 0;
};

/// What a run gave, for people and for programs.
class Report {
 public:
  Report(const BenchIngest& wanted, const LoadResult& result, std::uint64_t memory_before)
      : wanted_(wanted), result_(result) {
    const double series = result.counted ? result.counted->series : 0;
    if (memory_before > 0 && result.memory_bytes && series > 0)
      bytes_per_series_ =
          (static_cast<double>(*result.memory_bytes) - static_cast<double>(memory_before)) / series;
  }

  void print(std::ostream& out, std::optional<double> zero_loss) const {
    const tools::Loaded& sent = result_.sent;
    out << line("sent       %10.0f lines/s: %llu lines in %llu packets, %.2f s\n",
                sent.lines_per_second(), whole(sent.lines), whole(sent.packets), sent.seconds);
    if (const auto each = result_.ns_per_line())
      out << line("a line     %10.1f ns of the server's processor time\n", *each);
    if (result_.counted) print_ledgers(out, *result_.counted);
    if (bytes_per_series_)
      out << line("memory     %10.0f bytes for each of %.0f series, of all the process has\n",
                  *bytes_per_series_, result_.counted->series);
    if (zero_loss)
      out << line("zero loss  %10.0f lines/s, %.0f %% of what is taken under overload\n",
                  *zero_loss, share_of_taken(*zero_loss));
    out << std::flush;
  }

  nlohmann::json json(std::optional<double> zero_loss) const {
    const tools::Loaded& sent = result_.sent;
    nlohmann::json json{{"transport", way_name(wanted_.way)},
                        {"segmented", wanted_.segmented},
                        {"format", ingest::codec::format_name(wanted_.load.format)},
                        {"kind", kind_name(wanted_.load.kind)},
                        {"series", wanted_.load.series},
                        {"tags", wanted_.load.tags},
                        {"sent",
                         {{"lines", sent.lines},
                          {"packets", sent.packets},
                          {"bytes", sent.bytes},
                          {"seconds", sent.seconds},
                          {"lines_per_second", sent.lines_per_second()}}}};
    if (const auto each = result_.ns_per_line()) json["server_ns_per_line"] = *each;
    if (bytes_per_series_) json["bytes_per_series"] = *bytes_per_series_;
    if (zero_loss) json["zero_loss_lines_per_second"] = *zero_loss;
    if (result_.counted) {
      const tools::FeedNumbers& seen = *result_.counted;
      json["server"] = {{"datagrams_received", seen.datagrams_received},
                        {"datagrams_dropped", seen.datagrams_dropped},
                        {"datagrams_missing", result_.missing()},
                        {"lines", seen.lines},
                        {"lines_accepted", seen.lines_accepted},
                        {"samples", seen.samples},
                        {"samples_own", seen.samples_own},
                        {"series", seen.series}};
      json["ledgers_add_up"] = result_.adds_up();
    }
    return json;
  }

 private:
  static unsigned long long whole(std::uint64_t count) { return count; }
  static double percent(std::uint64_t part, std::uint64_t of) {
    return of == 0 ? 100 : 100 * static_cast<double>(part) / static_cast<double>(of);
  }
  double share_of_taken(double rate) const {
    const double taken = static_cast<double>(result_.counted->lines) / result_.sent.seconds;
    return taken > 0 ? 100 * rate / taken : 0;
  }
  void print_ledgers(std::ostream& out, const tools::FeedNumbers& seen) const {
    if (result_.counts_datagrams)
      out << line("datagrams  %9.4f %% accounted for: %llu received, %llu dropped by the kernel\n",
                  percent(seen.datagrams_received + seen.datagrams_dropped, result_.sent.packets),
                  whole(seen.datagrams_received), whole(seen.datagrams_dropped));
    out << line("lines      %9.4f %% accepted: %llu of %llu\n",
                percent(seen.lines_accepted, seen.lines), whole(seen.lines_accepted),
                whole(seen.lines));
    out << line("samples    %9.4f %% in their own series: %llu of %llu\n",
                percent(seen.samples_own, seen.samples), whole(seen.samples_own),
                whole(seen.samples));
    out << "ledgers    " << (result_.adds_up() ? "add up to what was sent" : "DO NOT ADD UP")
        << "\n";
  }

  const BenchIngest& wanted_;
  const LoadResult& result_;
  std::optional<double> bytes_per_series_;
};

class Benching {
 public:
  Benching(const BenchIngest& wanted, std::ostream& out, std::ostream& err)
      : wanted_(wanted), out_(out), progress_(err) {}

  Result<Exit> run() {
    TRY(ingest::io::block_signals());
    auto interrupt = TRY(tools::Interrupt::open());
    progress_.say("making lines ...");
    const auto pool = tools::LoadPool::make(wanted_.load);
    if (!pool) return Failure{ingest::Error{0, pool.error()}};
    const auto server = TRY(Server::open(wanted_));
    const auto run_at = [&](double lines_per_second) -> Result<LoadResult> {
      if (interrupt.raised()) return Failure{ingest::Error{0, "ended early"}};
      return run_load(*pool,
                      {.target = server->known().target,
                       .format = wanted_.load.format,
                       .segmented = wanted_.segmented,
                       .lines_per_second = lines_per_second,
                       .duration = wanted_.duration,
                       .wait_until = [&](ingest::MonoTime at) { return interrupt.wait_until(at); }},
                      server->known());
    };
    progress_.say("sending ...");
    const LoadResult result = TRY(run_at(wanted_.lines_per_second));
    std::optional<double> zero_loss;
    if (wanted_.find_zero_loss)
      zero_loss = TRY(find_zero_loss(result, run_at, [&](double rate, const LoadResult& tried) {
        progress_.say(line("at %.0f lines/s %s", rate, tried.is_lossless() ? "nothing" : "some") +
                      " lost ...");
      }));
    progress_.clear();
    const Report report{wanted_, result, server->memory_before()};
    if (wanted_.json) {
      out_ << report.json(zero_loss).dump(2) << std::endl;
    } else {
      report.print(out_, zero_loss);
    }
    // What the kernel drops of segmented datagrams it counts as it likes.
    return result.adds_up() || wanted_.segmented ? Exit::Good : Exit::CannotGoOn;
  }

 private:
  const BenchIngest& wanted_;
  std::ostream& out_;
  Progress progress_;
};

Result<double, std::string> read_rate(const std::string& text) {
  if (text == "max") return 0.0;
  const auto number = ingest::codec::parse_number(text);
  if (number.is == ingest::codec::Number::Is::Finite && number.value >= 1) return number.value;
  return Failure{"--rate \"" + text + "\" is none, allowed is max, or lines a second"};
}

Result<Kind, std::string> read_kind(const std::string& name, Format format) {
  const bool gauges_alone = format == Format::Influx || format == Format::Graphite;
  if (name.empty()) return gauges_alone ? Kind::Gauge : Kind::Timer;
  for (const Kind kind : {Kind::Counter, Kind::Gauge, Kind::Timer, Kind::Set}) {
    if (kind_name(kind) == name) return kind;
  }
  return Failure{"--kind \"" + name + "\" is unknown, allowed is counter, gauge, timer or set"};
}

Result<Transport, std::string> read_transport(const std::string& name) {
  for (const Transport& transport : kTransports) {
    if (transport.name == name) return transport;
  }
  return Failure{"--transport \"" + name + "\" is unknown, allowed is " + kTransportNames};
}

}  // namespace

BenchIngestArguments::BenchIngestArguments(const Syntax& bench)
    : syntax_(
          bench.command("ingest", "Load a server with lines, and ask what they cost it", kFooter)) {
  syntax_.text(to_,
               {"--to", "A running server: udp:// tcp:// http://HOST:PORT, unixgram: unix:/PATH",
                "ADDRESS"});
  syntax_.text(metrics_, {"--metrics", "Its HTTP address: http://HOST:PORT", "ADDRESS"});
  syntax_.number(pid_, {"--pid", "Its process", "N"}, {0, 4'194'304});
  syntax_.text(transport_, {"--transport", kTransportNames, "WAY"});
  syntax_.text(format_, {"--format", "statsd, influx, graphite or json", "FORMAT"});
  syntax_.text(
      kind_, {"--kind", "counter, gauge, timer or set (timer, where the format knows it)", "KIND"});
  syntax_.number(series_, {"--series", "Different series", "N"}, {0, tools::LoadPool::kSeriesMax});
  syntax_.number(tags_, {"--tags", "Tags of each line (0)", "N"}, {0, ingest::model::kTagsMax});
  syntax_.number(lines_, {"--lines-per-datagram", "Instead of a size", "N"}, {0, 10'000});
  syntax_.number(
      bytes_,
      {"--datagram-bytes", "At most (1364; of a stream one write, of http one body, 60000)", "N"},
      {0, tools::LoadPool::kPacketBytesMax});
  syntax_.text(rate_, {"--rate", "Lines a second, or max", "N"});
  syntax_.text(duration_, {"--duration", "Of each run", "TIME"});
  syntax_.flag(find_zero_loss_, "--find-zero-loss", "Find the highest rate that loses nothing");
  syntax_.flag(json_, "--json", "One JSON object");
}

Result<BenchIngest, std::string> BenchIngestArguments::take() const {
  BenchIngest wish;
  const Transport transport = TRY(read_transport(transport_));
  wish.way = transport.way;
  wish.segmented = transport.segmented;
  wish.load.format = TRY(read_format(format_));
  wish.load.kind = TRY(read_kind(kind_, wish.load.format));
  wish.load.series = std::max<std::uint64_t>(1, series_);
  wish.load.tags = tags_;
  wish.load.lines_per_packet = lines_;
  const bool datagrams = tools::sends_datagrams(wish.way);
  wish.load.ends = datagrams ? tools::LoadWish::Ends::Between : tools::LoadWish::Ends::Every;
  wish.load.packet_bytes = bytes_ > 0 ? bytes_ : datagrams ? kDatagramBytes : kStreamBytes;
  wish.lines_per_second = TRY(read_rate(rate_));
  const auto duration = ingest::read_duration(duration_, ingest::Units::Required);
  if (!duration) return Failure{"--duration " + duration.error()};
  wish.duration = *duration;
  wish.find_zero_loss = find_zero_loss_;
  wish.json = json_;
  wish.pid = static_cast<pid_t>(pid_);
  if (to_.empty() && (!metrics_.empty() || pid_ != 0))
    return Failure{std::string{"--metrics and --pid are of the server that --to names"}};
  if (!to_.empty()) wish.target = TRY(read_target(to_, wish.load.format));
  if (wish.target && wish.target->way != wish.way)
    return Failure{"--to " + to_ + " is not --transport " + transport_};
  if (!metrics_.empty()) {
    auto metrics = tools::parse_target(metrics_);
    if (!metrics) return Failure{"--metrics " + metrics.error()};
    wish.metrics = *std::move(metrics);
  }
  if (find_zero_loss_ && wish.target && !wish.metrics)
    return Failure{std::string{"--find-zero-loss must ask the server: say its --metrics"}};
  return wish;
}

Exit bench_ingest(const BenchIngest& wanted, std::ostream& out, std::ostream& err) {
  const auto exit = Benching{wanted, out, err}.run();
  if (exit) return *exit;
  err << "weir bench ingest: " << exit.error().what << "\n";
  return Exit::CannotGoOn;
}

}  // namespace gateway::cli
