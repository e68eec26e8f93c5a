#include "gateway/ws_client/client.h"

#include <algorithm>
#include <utility>

#include "ingest/base/check.h"

namespace gateway::ws_client {

using ingest::Millis;

Client::Client(ingest::io::EventLoop& loop, Tools& tools, ClientOptions options,
               ClientListener& listener)
    : loop_(loop),
      tools_(tools),
      options_(std::move(options)),
      listener_(listener),
      resolver_(loop),
      dialer_(loop, options_.deadlines.connect),
      backoff_(options_.backoff) {
  CHECK(options_.url.security == Security::Plain || tools_.tls != nullptr);
}

Client::~Client() {
  loop_.cancel(timer_);
}

// ---- an attempt: look up, dial, connect ----

/// May come from inside a call of the connection, which the attempt destroys: not before the next
/// turn. A connection that is still closing is let end first.
void Client::start() {
  CHECK(!wanted_);
  wanted_ = true;
  anew_ = connection_ && connection_->is_alive();
  if (!anew_) timer_ = loop_.at(loop_.mono(), [this] { attempt(); });
}

void Client::attempt() {
  CHECK(!connection_ || !connection_->is_alive());
  ++counts_.attempts;
  connection_.reset();
  if (auto known = known_endpoints(options_.url)) return dial(*std::move(known));
  timer_ = loop_.at(loop_.mono() + options_.deadlines.look_up, [this] {
    resolver_.forget();
    fail({0, "no name server told the address of " + options_.url.host + " in " +
                 std::to_string(options_.deadlines.look_up.count()) + " ms"});
  });
  resolver_.ask(options_.url.host, options_.url.port, [this](Resolver::Found found) {
    loop_.cancel(std::exchange(timer_, 0));
    if (!found) return fail(found.error());
    dial(*std::move(found));
  });
}

void Client::dial(std::vector<Endpoint> endpoints) {
  std::string name = options_.url.host + ":" + std::to_string(options_.url.port);
  if (options_.url.is_unix()) name = "unix:" + options_.url.unix_path;
  dialer_.dial(std::move(name), std::move(endpoints), [this](Dialer::Dialed dialed) {
    if (!dialed) return fail(dialed.error());
    connect(*std::move(dialed));
  });
}

void Client::connect(ingest::io::Fd fd) {
  const Connection::Parts parts{
      .loop = &loop_, .tools = &tools_, .options = &options_, .listener = this};
  if (options_.url.security == Security::Plain) {
    connection_ = std::make_unique<Connection>(parts, Transport{std::move(fd)});
  } else {
    auto transport =
        Transport::with_tls(std::move(fd), *tools_.tls, options_.url.host, tools_.tls_buffers);
    if (!transport) return fail(transport.error());
    connection_ = std::make_unique<Connection>(parts, *std::move(transport));
  }
  connection_->start();
}

void Client::fail(const ingest::Error& error) {
  Ending ending;
  ending.sentence = error.what;
  ended(ending);
}

// ---- what a connection tells ----

void Client::opened(const ws::Opened& opened) {
  open_ = true;
  ++counts_.opened;
  listener_.opened(opened);
}

void Client::count_received(std::size_t bytes) {
  ++counts_.messages_received;
  counts_.bytes_received += bytes;
  backoff_.reset();  // it works: a server that only accepts and closes is still backed off from
}

void Client::text(std::string_view message) {
  count_received(message.size());
  listener_.text(message);
}

void Client::binary(ingest::ByteView message) {
  count_received(message.size());
  listener_.binary(message);
}

void Client::ended(const Ending& ending) {
  open_ = false;
  const std::optional<Millis> wait = wait_after(ending);
  wanted_ = wait.has_value();
  if (wait) timer_ = loop_.at(loop_.mono() + *wait, [this] { attempt(); });
  listener_.ended(ending, wait);
}

/// nullopt: no further attempt.
std::optional<Millis> Client::wait_after(const Ending& ending) {
  const std::optional<Range> after = std::exchange(after_, std::nullopt);
  if (std::exchange(anew_, false)) return Millis{0};
  const bool back = wanted_ && options_.reconnect == Reconnect::Always;
  if (!back || ending.again == Again::Useless) return std::nullopt;
  if (after) return Backoff::random_between(after->least, after->most, tools_.secrets);
  const Millis wait = backoff_.next(tools_.secrets);
  return std::max(wait, ending.not_before.value_or(Millis{0}));
}

// ---- what the owner asks ----

Sent Client::send(ws::Opcode opcode, std::string_view message) {
  const Sent sent = open_ ? connection_->send(opcode, message) : Sent::NotOpen;
  ++(sent == Sent::Queued ? counts_.messages_sent : counts_.messages_refused);
  return sent;
}

Sent Client::send_text(std::string_view message) {
  return send(ws::Opcode::Text, message);
}

Sent Client::send_binary(ingest::ByteView message) {
  return send(ws::Opcode::Binary, ingest::as_text(message));
}

void Client::close(std::uint16_t code, std::string_view reason) {
  if (!std::exchange(wanted_, false)) return;
  anew_ = false;
  if (connection_ && connection_->is_alive()) return connection_->close(code, reason);
  loop_.cancel(std::exchange(timer_, 0));
  resolver_.forget();
  dialer_.forget();
  Ending ending;
  ending.sentence = "closed by us";
  ended(ending);
}

void Client::reconnect(std::uint16_t code, std::string_view reason) {
  if (open_) connection_->close(code, reason);
}

void Client::come_back_after(Millis least, Millis most) {
  CHECK(least <= most);
  after_ = Range{least, most};
}

}  // namespace gateway::ws_client
