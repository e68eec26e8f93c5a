#include "tests/conformance/echo_server.h"

#include <cstdio>
#include <string>
#include <vector>

#include "gateway/server/hub_port.h"
#include "gateway/server/listener.h"
#include "gateway/server/worker.h"
#include "ingest/io/descriptor_limit.h"
#include "ingest/io/log.h"
#include "ingest/io/real_clock.h"
#include "ingest/io/signals.h"

namespace tests {
namespace {

namespace server = gateway::server;

class Echo final : public server::Responder {
 public:
  gateway::publish::FramePtr answer(const Message& message) const override {
    return gateway::publish::make_message(message.opcode, message.bytes, message.deflater);
  }
};

int fail(const ingest::Error& error) {
  std::fprintf(stderr, "ws_echo: %s\n", error.what.c_str());
  return 1;
}

server::Settings settings_of(const EchoOptions& options) {
  server::Settings settings;
  settings.version = "echo";
  settings.rules.commands.text_bytes_max = options.message_bytes_max;
  settings.limits.fragments_max = options.fragments_max;
  settings.compression = options.compression;
  return settings;
}

/// Everything that the product's wiring builds for one worker, but the hub.
struct House {
  House(const server::Settings& settings_in, const ingest::io::Logger& log)
      : settings(settings_in),
        metrics(settings.version),
        dealer(1, settings.limits.connections_max),
        site(settings, metrics, dealer, log) {
    site.responder = &echo;
  }

  Echo echo;
  server::Settings settings;
  server::Metrics metrics;
  server::Dealer dealer;
  server::Site site;
  server::MailLink mail;
};

}  // namespace

int serve_echo(const EchoOptions& options) {
  const auto blocked = ingest::io::block_signals();
  if (!blocked) return fail(blocked.error());
  ingest::io::raise_descriptor_limit();
  const ingest::io::RealClock clock;
  const ingest::io::Logger log{ingest::io::LogLevel::Warn};
  auto listener = server::Listener::open({"127.0.0.1:" + std::to_string(options.port)});
  if (!listener) return fail(listener.error());
  House house{settings_of(options), log};
  auto worker = server::Worker::open(clock, {.index = 0,
                                             .site = &house.site,
                                             .dealer = &house.dealer,
                                             .mail = &house.mail,
                                             .wake_hub = [] {},
                                             .adopt_feed = {},
                                             .on_drained = {},
                                             .seed = 1});
  if (!worker) return fail(worker.error());
  const auto accepts = (*worker)->accept_with(**listener);
  if (!accepts) return fail(accepts.error());
  const auto signals =
      ingest::io::Signals::open((*worker)->loop(), [&](int /*signal*/) { (*worker)->stop(); });
  if (!signals) return fail(signals.error());
  std::printf("event=listening what=http address=%s\n", (*listener)->addresses().front().c_str());
  std::fflush(stdout);
  (*worker)->run();
  return 0;
}

}  // namespace tests
