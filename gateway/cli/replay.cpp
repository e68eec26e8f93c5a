#include "gateway/cli/replay.h"

#include <chrono>
#include <ostream>
#include <utility>

#include "gateway/cli/command_line.h"
#include "gateway/cli/format_option.h"
#include "gateway/cli/progress.h"
#include "gateway/cli/token_option.h"
#include "gateway/tools/interrupt.h"
#include "gateway/tools/player.h"
#include "ingest/base/units.h"
#include "ingest/codec/number.h"
#include "ingest/io/descriptor_limit.h"
#include "ingest/io/real_clock.h"
#include "ingest/io/signals.h"

namespace gateway::cli {
namespace {

using ingest::Failure;
using ingest::Result;
using ingest::record::Ending;
using ingest::record::Transport;
using tools::Player;
using tools::Target;

constexpr const char* kFooter =
    R"(FILE is what weir record wrote: datagrams go out as datagrams, and each recorded connection is one again
where the target is tcp:// or unix:. A plain file of lines needs --format; without --rate it is sent as
fast as possible. Without --to it goes to where such a feed usually listens: udp://127.0.0.1:8125 for StatsD.

TCP, Unix sockets and HTTP take all of it. UDP is dropped by the kernel when the server does not keep up,
which --speed max will see to: the server counts what was dropped (/metrics).
The samples arrive now; lines that say their own time are late if that is long past (time.late).

A server that wants a token (auth.writers) is shown the first line of --token-file, else the variable
WEIR_TOKEN. Datagrams show none.

With --query nothing is sent: the file is evaluated here, with the time that its lines say, and each window is
printed once it is closed. The output is the same bytes on every run, for any number of --workers. FILE - is
standard input, and a line without a time counts at the newest time that any line said. What was late or too
far ahead is told on stderr. A name may be of two kinds: rows say theirs (--where @kind=timer wants one alone).

Status 1: nobody listens, the file cannot be read or is damaged. A file that was cut off, as by a crash, is
played up to its last whole record, which is said.

Examples:
  weir replay night.weir
  weir replay night.weir --speed 10 --to tcp://127.0.0.1:8125
  weir replay night.weir --speed max --loop 100 --to unixgram:/run/weir/statsd.sock
  weir replay night.weir --query 'http.*' --by route --stats count,p99 --window 1min
  weir replay events.json --format json --query delay --by route --window 1d --slide 1d --order p90:desc --limit 5
  weir replay lines.txt --format graphite --rate 1000/s --to tcp://127.0.0.1:2003)";

Result<ingest::record::Speed, std::string> read_speed(const std::string& text) {
  constexpr double kFastest = 1e6;
  if (text == "max") return ingest::record::Speed{};
  const auto number = ingest::codec::parse_number(text);
  if (number.is == ingest::codec::Number::Is::Finite && number.value > 0 &&
      number.value <= kFastest)
    return ingest::record::Speed{number.value};
  return Failure{"--speed \"" + text + "\" is none, allowed is 1, 10, 0.5 or max"};
}

/// "1000/s", or 1000.
Result<double, std::string> read_rate(std::string text) {
  constexpr std::string_view kUnit = "/s";
  if (text.empty()) return 0.0;
  const std::string typed = text;
  if (text.ends_with(kUnit)) text.resize(text.size() - kUnit.size());
  const auto number = ingest::codec::parse_number(text);
  if (number.is == ingest::codec::Number::Is::Finite && number.value > 0) return number.value;
  return Failure{"--rate \"" + typed + "\" is none, allowed is lines a second, as 1000/s"};
}

/// Where such a feed usually listens.
Target usual_target(const ingest::record::Header& header) {
  Target target;
  target.way = header.transport == Transport::Tcp || header.transport == Transport::Unix
                   ? Target::Way::Tcp
                   : Target::Way::Udp;
  target.port = tools::usual_port(header.format);
  return target;
}

std::string what_text(const Player::Played& played, const ingest::record::Header& header) {
  const bool datagrams = ingest::record::is_datagram(header.transport);
  return std::to_string(played.records) + (datagrams ? " datagrams" : " blocks of lines") + ", " +
         std::to_string(played.bytes) + " bytes";
}

/// How far all rounds have come: a round is over where the file begins again.
class Way {
 public:
  explicit Way(std::uint64_t rounds) : rounds_(rounds) {}
  ingest::record::Source::Extent at(const ingest::record::Source::Extent& file) {
    if (file.given < last_) ++over_;
    last_ = file.given;
    return {.given = over_ * file.size + file.given, .size = rounds_ * file.size};
  }

 private:
  std::uint64_t rounds_;
  std::uint64_t over_ = 0;
  std::uint64_t last_ = 0;
};

class Replaying {
 public:
  Replaying(const Replay& wanted, std::ostream& out, std::ostream& err)
      : wanted_(wanted), out_(out), err_(err) {}

  Result<Exit> run() {
    TRY(ingest::io::block_signals());
    ingest::io::raise_descriptor_limit();
    auto interrupt = TRY(tools::Interrupt::open());
    const auto source = TRY(ingest::record::open_source(wanted_.source));
    Target target = wanted_.target.value_or(usual_target(source->header()));
    const auto shown = shows_token(target, wanted_.token_file);
    if (!shown) return Failure{ingest::Error{0, shown.error()}};
    target.token = wanted_.token;
    if (!wanted_.speed && target.way == Target::Way::Udp)
      err_ << "weir replay: UDP as fast as possible: the kernel may drop what the server cannot "
              "take in time"
           << std::endl;
    const ingest::io::RealClock clock;
    Progress progress{err_};
    Way way{wanted_.rounds};
    const auto wait_until = [&](ingest::MonoTime when) {
      const auto [given, size] = way.at(source->extent());
      progress.at(clock.mono(), given, size);
      return interrupt.wait_until(when);
    };
    Player player{*source,
                  {.target = target,
                   .speed = wanted_.speed,
                   .rounds = wanted_.rounds,
                   .clock = &clock,
                   .wait_until = wait_until}};
    const ingest::MonoTime begin = clock.mono();
    const Player::Played played = TRY(player.run());
    progress.clear();
    const auto took = std::chrono::round<ingest::Millis>(clock.mono() - begin);
    out_ << "played " << what_text(played, source->header()) << " to " << to_text(target) << " in "
         << took.count() << " ms\n";
    return told(played);
  }

 private:
  Exit told(const Player::Played& played) {
    if (played.left_out > 0)
      err_ << "weir replay: left out " << played.left_out
           << " lines that had been cut off when they were recorded\n";
    if (played.drops > 0)
      err_ << "weir replay: the kernel had dropped " << played.drops
           << " datagrams while this was recorded\n";
    if (played.interrupted) err_ << "weir replay: ended early\n";
    if (!played.ending.sentence.empty()) err_ << "weir replay: " << played.ending.sentence << "\n";
    const bool good =
        played.ending.how == Ending::How::Whole || played.ending.how == Ending::How::Cut;
    return good ? Exit::Good : Exit::CannotGoOn;
  }

  const Replay& wanted_;
  std::ostream& out_;
  std::ostream& err_;
};

}  // namespace

ReplayArguments::ReplayArguments(const Syntax& weir)
    : syntax_(weir.command("replay", "Play a recorded file to a running server, or query it here",
                           kFooter)),
      query_(syntax_) {
  syntax_.text(path_, {"file", "What weir record wrote, or lines", "FILE"});
  syntax_.text(to_, {"--to", "udp:// tcp:// http://HOST:PORT, unixgram: unix:/PATH", "ADDRESS"});
  add_token_file(syntax_, token_file_);
  syntax_.text(speed_, {"--speed", "Times as fast as it was, or max", "N"});
  syntax_.number(rounds_, {"--loop", "How often, one after the other", "N"}, {1, 1'000'000'000});
  syntax_.text(format_,
               {"--format", "Of a file of lines: statsd, influx, graphite or json", "FORMAT"});
  syntax_.text(rate_, {"--rate", "Of a file of lines: how many a second, as 1000/s", "RATE"});
}

Result<std::variant<Replay, ReplayQuery>, std::string> ReplayArguments::take() const {
  using Wanted = std::variant<Replay, ReplayQuery>;
  if (path_.empty()) return Failure{std::string{"which file?"}};
  Replay played = TRY(take_played());
  if (query_.wanted()) return Wanted{TRY(query_.take(played.source))};
  if (const std::string stray = query_.stray(); !stray.empty())
    return Failure{stray + " means nothing without --query"};
  return Wanted{std::move(played)};
}

Result<Replay, std::string> ReplayArguments::take_played() const {
  Replay replay;
  replay.source.path = path_;
  replay.rounds = rounds_;
  replay.token_file = token_file_;
  replay.speed = TRY(read_speed(speed_));
  replay.source.lines_per_second = TRY(read_rate(rate_));
  if (!format_.empty()) replay.source.format = TRY(read_format(format_));
  if (!rate_.empty() && format_.empty())
    return Failure{std::string{"--rate is for a file of lines, whose --format must be said"}};
  if (!to_.empty())
    replay.target = TRY(read_target(to_, replay.source.format.value_or(ingest::codec::Format{})));
  return replay;
}

Exit replay(const Replay& wanted, std::ostream& out, std::ostream& err) {
  const auto exit = Replaying{wanted, out, err}.run();
  if (exit) return *exit;
  err << "weir replay: " << exit.error().what << "\n";
  return Exit::CannotGoOn;
}

}  // namespace gateway::cli
