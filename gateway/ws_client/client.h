#pragma once
// Client: a WebSocket that stays: connects, tells what comes, and comes back after a random wait
// when it is lost. Owned by a tool or a test; the thread of its loop.
//
// Its listener may call anything but the destructor from inside a call.

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "gateway/ws_client/backoff.h"
#include "gateway/ws_client/connection.h"
#include "gateway/ws_client/dialer.h"
#include "gateway/ws_client/options.h"
#include "gateway/ws_client/resolver.h"
#include "ingest/io/event_loop.h"

namespace gateway::ws_client {

class ClientListener {
 public:
  ClientListener() = default;
  ClientListener(const ClientListener&) = delete;
  ClientListener& operator=(const ClientListener&) = delete;
  virtual ~ClientListener() = default;

  /// Connected and verified. A message sent from inside leaves at once and confirms the upgrade.
  virtual void opened(const ws::Opened& opened) = 0;
  /// Views live until the call returns.
  virtual void text(std::string_view message) = 0;
  virtual void binary(ingest::ByteView message) = 0;
  /// A connection, or an attempt at one, is over. `again_in` is how long until the next attempt;
  /// nullopt: there will be none until start().
  virtual void ended(const Ending& ending, std::optional<ingest::Millis> again_in) = 0;
};

/// What a client counts, of all its connections. Never reset.
struct ClientCounts {
  std::uint64_t attempts = 0;
  std::uint64_t opened = 0;
  std::uint64_t messages_received = 0;
  std::uint64_t bytes_received = 0;    // of messages, inflated
  std::uint64_t messages_sent = 0;     // queued
  std::uint64_t messages_refused = 0;  // Full or NotOpen
};

class Client final : private ConnectionListener {
 public:
  /// Loop, tools and listener outlive the client. A wss:// URL needs tools.tls (CHECKed).
  Client(ingest::io::EventLoop& loop, Tools& tools, ClientOptions options,
         ClientListener& listener);
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client() override;

  /// Begins, or begins anew after close() or an end without another attempt: in the next turn, or
  /// once the closed connection is over, whose `again_in` is then 0.
  void start();
  Sent send_text(std::string_view message);
  Sent send_binary(ingest::ByteView message);
  /// Closes in order and does not come back. While waiting for an attempt it just ends.
  void close(std::uint16_t code, std::string_view reason);
  /// Closes in order and comes back as after any other end. Nothing unless open.
  void reconnect(std::uint16_t code, std::string_view reason);
  /// The server named the wait itself (`bye.after`): the next attempt comes after a random time in
  /// this range, whatever ends the connection. `least` is at most `most`.
  void come_back_after(ingest::Millis least, ingest::Millis most);

  bool is_open() const { return open_; }
  const ClientCounts& counts() const { return counts_; }

 private:
  struct Range {
    ingest::Millis least{};
    ingest::Millis most{};
  };

  void attempt();
  void dial(std::vector<Endpoint> endpoints);
  void connect(ingest::io::Fd fd);
  void fail(const ingest::Error& error);
  std::optional<ingest::Millis> wait_after(const Ending& ending);
  Sent send(ws::Opcode opcode, std::string_view message);
  void count_received(std::size_t bytes);

  void opened(const ws::Opened& opened) override;
  void text(std::string_view message) override;
  void binary(ingest::ByteView message) override;
  void ended(const Ending& ending) override;

  ingest::io::EventLoop& loop_;
  Tools& tools_;
  ClientOptions options_;
  ClientListener& listener_;
  Resolver resolver_;
  Dialer dialer_;
  std::unique_ptr<Connection> connection_;  // kept after its end until the next attempt
  Backoff backoff_;
  std::optional<Range> after_;
  ClientCounts counts_;
  ingest::io::EventLoop::TimerId timer_ = 0;  // the next attempt, or the end of a look-up
  bool wanted_ = false;                       // started, and not closed by us
  bool anew_ = false;                         // start() came while a closed connection still lived
  bool open_ = false;
};

}  // namespace gateway::ws_client
