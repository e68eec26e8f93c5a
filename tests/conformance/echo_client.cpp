#include "tests/conformance/echo_client.h"

#include <cstdio>
#include <memory>

#include "gateway/tls/context.h"
#include "gateway/ws/close_code.h"
#include "gateway/ws_client/client.h"
#include "ingest/io/log.h"
#include "ingest/io/real_clock.h"
#include "ingest/io/signals.h"

namespace tests {
namespace {

using gateway::tls::ClientContext;
using gateway::ws_client::Client;
using gateway::ws_client::Ending;
using gateway::ws_client::Sent;
using ingest::io::EventLoop;

/// What waits for a server that does not read: a suite's largest message, twice.
constexpr std::size_t kSendBytesMax = std::size_t{64} << 20U;

class Echo final : public gateway::ws_client::ClientListener {
 public:
  Echo(EventLoop& loop, std::uint64_t messages_max) : loop_(loop), messages_max_(messages_max) {}
  void begin(Client& client) {
    client_ = &client;
    client.start();
  }
  void opened(const gateway::ws::Opened& /*opened*/) override {}
  void text(std::string_view message) override { took(client_->send_text(message)); }
  void binary(ingest::ByteView message) override { took(client_->send_binary(message)); }
  void ended(const Ending& ending, std::optional<ingest::Millis> /*again*/) override {
    ending_ = ending;
    loop_.stop();
  }
  int tell() const {
    const std::string line =
        ingest::io::log_line("closed", {{"messages", messages_},
                                        {"code", ending_.close_code},
                                        {"clean", ending_.clean ? "true" : "false"},
                                        {"why", ending_.sentence}});
    std::puts(line.c_str());
    return ending_.clean ? 0 : 1;
  }

 private:
  void took(Sent sent) {
    if (sent == Sent::Full) client_->close(gateway::ws::kCloseInternal, "too much waits");
    if (sent == Sent::Queued && ++messages_ == messages_max_)
      client_->close(gateway::ws::kCloseNormal, "enough");
  }
  EventLoop& loop_;
  std::uint64_t messages_max_;
  Client* client_ = nullptr;
  std::uint64_t messages_ = 0;
  Ending ending_;
};

int cannot(const std::string& what) {
  std::fprintf(stderr, "ws_echo: %s\n", what.c_str());
  return 2;
}

}  // namespace

int run_echo_client(const EchoClientOptions& options) {
  auto url = gateway::ws_client::Url::parse(options.url);
  if (!url) return cannot(url.error().what);
  const auto blocked = ingest::io::block_signals();
  const ingest::io::RealClock clock;
  const auto loop = EventLoop::open(clock);
  if (!blocked || !loop) return cannot("no event loop");
  gateway::ws_client::Tools tools;
  std::unique_ptr<ClientContext> trust;
  if (url->security == gateway::ws_client::Security::Tls) {
    using Trust = ClientContext::Trust;
    auto opened =
        ClientContext::open({.trust = options.ca_file.empty() ? Trust::System : Trust::File,
                             .ca_file = options.ca_file});
    if (!opened) return cannot(opened.error().what);
    trust = *std::move(opened);
    tools.tls = trust.get();
  }
  gateway::ws_client::ClientOptions wanted;
  wanted.url = *std::move(url);
  wanted.compression = options.compression;
  wanted.read.message_bytes_max = options.message_bytes_max;
  wanted.send_bytes_max = kSendBytesMax;
  wanted.reconnect = gateway::ws_client::Reconnect::Never;
  Echo echo{**loop, options.messages_max};
  Client client{**loop, tools, std::move(wanted), echo};
  const auto signals = ingest::io::Signals::open(
      **loop, [&](int /*signal*/) { client.close(gateway::ws::kCloseNormal, ""); });
  if (!signals) return cannot(signals.error().what);
  echo.begin(client);
  (*loop)->run();
  return echo.tell();
}

}  // namespace tests
