#include "gateway/cli/serve.h"

#include <unistd.h>

#include <csignal>
#include <ostream>
#include <utility>

#include "gateway/cli/logs.h"
#include "gateway/cli/supervision.h"
#include "gateway/cli/version.h"
#include "gateway/cli/wiring.h"
#include "ingest/io/descriptor_limit.h"
#include "ingest/io/log.h"
#include "ingest/io/real_clock.h"
#include "ingest/io/signals.h"

namespace gateway::cli {
namespace {

using ingest::Millis;

/// From the signal to the last connection and hand-over. Beyond it something hangs.
constexpr Millis kDrainMax{10'000};

/// What a person puts into the browser: an address that listens on every one is reached by
/// loopback.
std::string url_of(const server::ListenerInfo& listener) {
  const std::string& address = listener.address;
  constexpr std::string_view kEvery4 = "0.0.0.0:";
  constexpr std::string_view kEvery6 = "[::]:";
  std::string reachable = address;
  if (address.starts_with(kEvery4)) reachable = "127.0.0.1:" + address.substr(kEvery4.size());
  if (address.starts_with(kEvery6)) reachable = "[::1]:" + address.substr(kEvery6.size());
  return listener.what + "://" + reachable + "/";
}

/// HTTP's listeners come first, and there is at least one. No browser opens a Unix socket.
std::string how_to_open(const std::vector<server::ListenerInfo>& listeners) {
  for (const server::ListenerInfo& listener : listeners) {
    const bool http = listener.what == "http" || listener.what == "https";
    if (http && !listener.address.starts_with("unix:")) return "Open " + url_of(listener);
  }
  const std::string path = listeners.front().address.substr(std::string_view{"unix:"}.size());
  return "Ask: curl --unix-socket " + path + " http://localhost/";
}

void announce(const Wiring& wiring, std::ostream& out) {
  for (const server::ListenerInfo& listener : wiring.listeners()) {
    out << "event=listening what=" << listener.what << " address=" << listener.address << "\n";
  }
  out << "Weir " << version() << " is running. " << how_to_open(wiring.listeners())
      << " (Ctrl-C ends it)\n"
      << std::flush;
}

/// Leaves without a further look at anything: threads still run.
[[noreturn]] void leave_at_once() {
  _exit(static_cast<int>(Exit::CannotGoOn));
}

/// SIGHUP reads the configuration's file and certificates again, where there are any. Else the
/// first signal drains; the second, or a drain that hangs, ends the process.
class Ender {
 public:
  Ender(Wiring& wiring, Supervision& supervision, const ingest::io::Logger& log)
      : wiring_(wiring), supervision_(supervision), log_(log) {}

  void received(int signal) {
    if (signal == SIGHUP && wiring_.can_reload()) {
      wiring_.reload();
      return supervision_.reloading();
    }
    // A service manager's "reload", which no terminal's end is behind.
    if (signal == SIGHUP && supervision_.wanted()) return log_.warn("nothing_to_reload", {});
    if (std::exchange(draining_, true)) {
      log_.warn("ended_at_once", {{"signal", signal}});
      leave_at_once();
    }
    log_.info("draining", {{"signal", signal}});
    supervision_.stopping();
    wiring_.loop().at(wiring_.loop().mono() + kDrainMax, [this] {
      log_.error("drain_hangs", {{"after_ms", kDrainMax.count()}});
      leave_at_once();
    });
    wiring_.stop();
  }

 private:
  Wiring& wiring_;
  Supervision& supervision_;
  const ingest::io::Logger& log_;
  bool draining_ = false;
};

Exit cannot_go_on(const ingest::Error& error, std::ostream& err) {
  err << "weir: " << error.what << "\n";
  return Exit::CannotGoOn;
}

}  // namespace

Exit serve(const config::Config& config, const Serving& serving, std::ostream& out,
           std::ostream& err) {
  // Before the first thread: it inherits the mask.
  const auto blocked = ingest::io::block_signals();
  if (!blocked) return cannot_go_on(blocked.error(), err);
  ingest::io::raise_descriptor_limit();
  const ingest::io::RealClock clock;
  const ingest::io::Logger log{log_options(config.log)};
  const auto wiring = Wiring::open({.config = &config,
                                    .pages_dir = serving.pages_dir,
                                    .clock = &clock,
                                    .log = &log,
                                    .demo = serving.demo,
                                    .reread = serving.reread});
  if (!wiring) return cannot_go_on(wiring.error(), err);

  const auto supervision =
      Supervision::open(Supervision::wish(), **wiring, how_to_open((*wiring)->listeners()));
  if (!supervision) return cannot_go_on(supervision.error(), err);

  Ender ender{**wiring, **supervision, log};
  const auto signals =
      ingest::io::Signals::open((*wiring)->loop(), [&](int signal) { ender.received(signal); });
  if (!signals) return cannot_go_on(signals.error(), err);
  announce(**wiring, out);
  const auto ran = (*wiring)->run();
  if (!ran) return cannot_go_on(ran.error(), err);
  log.info("stopped", {});
  return Exit::Good;
}

}  // namespace gateway::cli
