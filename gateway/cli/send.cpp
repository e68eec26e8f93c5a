#include "gateway/cli/send.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <ostream>
#include <utility>

#include "gateway/cli/command_line.h"
#include "gateway/cli/format_option.h"
#include "gateway/cli/progress.h"
#include "gateway/cli/token_option.h"
#include "gateway/tools/line_post.h"
#include "ingest/codec/line_ends.h"
#include "ingest/codec/line_ledger.h"
#include "ingest/codec/line_writer.h"
#include "ingest/codec/unix_time.h"
#include "ingest/io/real_clock.h"
#include "ingest/io/socket.h"
#include "ingest/model/sample.h"
#include "ingest/record/source.h"

namespace gateway::cli {
namespace {

using ingest::Failure;
using ingest::Result;
using ingest::codec::Format;
using ingest::codec::Reading;
using ingest::model::Kind;

constexpr const char* kFooter =
    R"(A counter by default, a gauge in influx and graphite, which know nothing else. Each value is an event of
its own. Without NAME the lines of standard input are sent as they are, each as soon as it is whole.

  --rate says that only this share of the events is sent (0.1: each stands for ten); all given are sent.
  --time is a Unix time in seconds, ms, us or ns, told by its size; without it the server's clock counts.
  In influx, name.field becomes the field of a measurement; a name without a dot gets the field "value".
  A StatsD gauge with a sign changes by so much, which must be said (--change); json sets it below zero.

Nothing is printed when all is well. Status 1: the server does not answer or refuses; status 2: the
command line is wrong, or its format cannot say that.

A server that wants a token (auth.writers) is shown the first line of --token-file, else the variable
WEIR_TOKEN: over HTTP as Authorization: Bearer, on a stream as its first line. Datagrams show none.

Examples:
  weir send deploys 1 --tag service=checkout
  weir send checkout.latency 12.5 31 8 --type timer --tag route=/pay --rate 0.1
  weir send room.temperature 21.5 --format influx --to http://127.0.0.1:8080
  tail -F app.metrics | weir send --format graphite --to tcp://127.0.0.1:2003)";

std::optional<Kind> kind_of(std::string_view name) {
  for (const Kind kind : {Kind::Counter, Kind::Gauge, Kind::Timer, Kind::Set}) {
    if (kind_name(kind) == name) return kind;
  }
  return std::nullopt;
}

Result<Kind, std::string> read_kind(const std::string& name, Format format) {
  const bool gauges_alone = format == Format::Influx || format == Format::Graphite;
  if (name.empty()) return gauges_alone ? Kind::Gauge : Kind::Counter;
  const auto kind = kind_of(name);
  if (kind) return *kind;
  return Failure{"--type \"" + name + "\" is unknown, allowed is counter, gauge, timer or set"};
}

Result<Reading::Tag, std::string> read_tag(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0)
    return Failure{"--tag \"" + text + "\" is no tag, as region=eu"};
  return Reading::Tag{text.substr(0, equals), text.substr(equals + 1)};
}

Result<std::optional<ingest::WallTime>, std::string> read_time(const std::string& text) {
  if (text.empty()) return std::optional<ingest::WallTime>{};
  const auto time = ingest::codec::parse_unix_time(text, ingest::codec::TimeUnit::Auto);
  if (!time) return Failure{"--time \"" + text + "\" is no Unix time, as 1700000000"};
  return time;
}

/// Lines of a pipe: sent as they become whole, the last one without its end, too.
class Forwarding {
 public:
  Forwarding(tools::LinePost& post, Format format, std::ostream& err)
      : post_(post), progress_(err), ends_(ingest::codec::line_rule_of(format)) {}

  Result<void> run(int in) {
    const std::uint64_t size = ingest::record::plain_size(in);
    const ingest::io::RealClock clock;
    std::uint64_t given = 0;
    for (;;) {
      const ssize_t count = ::read(in, buffer_.data(), buffer_.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0)
        return Failure{
            ingest::Error{errno, "cannot read standard input: " + ingest::io::errno_text(errno)}};
      if (count == 0) return post_.send(pending_);
      TRY(take({buffer_.data(), static_cast<std::size_t>(count)}));
      // A pipe may go on for ever, and whoever watches it sees it elsewhere.
      given += static_cast<std::uint64_t>(count);
      if (size > 0) progress_.at(clock.mono(), given, size);
    }
  }

 private:
  Result<void> take(std::string_view bytes) {
    const std::size_t whole = ends_.last(bytes);
    pending_.append(bytes.substr(0, whole));
    if (whole > 0) {
      TRY(post_.send(pending_));
      TRY(post_.flush());
      pending_.clear();
    }
    pending_.append(bytes.substr(whole));
    if (pending_.size() > 2 * ingest::codec::kLineBytesMax)
      return Failure{ingest::Error{0, "a line of standard input is longer than 64 KiB"}};
    return {};
  }

  tools::LinePost& post_;
  Progress progress_;
  ingest::codec::LineEnds ends_;
  std::string pending_;  // a line that has not ended
  std::array<char, ingest::codec::kLineBytesMax> buffer_{};
};

Result<void> carry_out(const Send& wanted, int in, std::ostream& err) {
  auto post = TRY(tools::LinePost::open(wanted.target, wanted.format));
  if (wanted.lines.empty()) {
    Forwarding forwarding{post, wanted.format, err};
    TRY(forwarding.run(in));
  } else {
    TRY(post.send(wanted.lines));
  }
  return post.finish();
}

}  // namespace

SendArguments::SendArguments(const Syntax& weir)
    : syntax_(weir.command("send", "Send readings to a server, or lines from a pipe", kFooter)) {
  syntax_.text(name_, {"name", "Of the metric", "NAME"});
  syntax_.rest(values_, {"value", "Numbers; of a set its members", "VALUE..."});
  syntax_.text(kind_, {"--type", "counter, gauge, timer or set", "TYPE"});
  syntax_.again(tags_, {"--tag", "May be given again", "KEY=VALUE"});
  syntax_.text(rate_, {"--rate", "The share of events that is sent, as 0.1", "SHARE"});
  syntax_.text(time_, {"--time", "When it was", "UNIXTIME"});
  syntax_.text(to_, {"--to",
                     "udp:// tcp:// http://HOST:PORT, unixgram: unix:/PATH (udp://127.0.0.1 and "
                     "the format's port)",
                     "ADDRESS"});
  add_token_file(syntax_, token_file_);
  syntax_.text(format_, {"--format", "statsd, influx, graphite or json", "FORMAT"});
  syntax_.flag(change_, "--change", "The gauge changes by the value (statsd)");
  syntax_.flag(from_input_, "--stdin", "Lines of standard input, on a terminal too");
}

Result<std::string, std::string> SendArguments::lines(Format format) const {
  Reading reading;
  reading.name = name_;
  reading.kind = TRY(read_kind(kind_, format));
  reading.rate = rate_;
  reading.time = TRY(read_time(time_));
  if (change_) reading.change = ingest::model::GaugeChange::Add;
  for (const std::string& tag : tags_)
    reading.tags.push_back(TRY(read_tag(tag)));
  if (values_.empty()) return Failure{"which value? Try: weir send " + name_ + " 1"};
  std::string all;
  for (const std::string& value : values_) {
    reading.value = value;
    TRY(write_line(format, reading, all));
  }
  return all;
}

Result<Send, std::string> SendArguments::take() const {
  Send send;
  send.format = TRY(read_format(format_));
  send.target = TRY(read_target(to_, send.format));
  send.token_file = token_file_;
  TRY(shows_token(send.target, token_file_));
  if (!name_.empty()) {
    if (from_input_) return Failure{std::string{"either NAME and VALUE, or --stdin"}};
    send.lines = TRY(lines(send.format));
    return send;
  }
  if (!from_input_ && ::isatty(STDIN_FILENO) != 0)
    return Failure{
        std::string{"what? Say NAME and VALUE, or pipe lines into it (--stdin to type them)"}};
  if (!kind_.empty() || !tags_.empty() || !rate_.empty() || !time_.empty() || change_)
    return Failure{
        std::string{"--type, --tag, --rate, --time and --change are for NAME and VALUE; lines say "
                    "it themselves"}};
  return send;
}

Exit send(const Send& wanted, int in, std::ostream& err) {
  const auto sent = carry_out(wanted, in, err);
  if (sent) return Exit::Good;
  err << "weir send: " << sent.error().what << "\n";
  return Exit::CannotGoOn;
}

}  // namespace gateway::cli
