#pragma once
// Connection: one connected socket from the TLS handshake to the end of TCP, in the client's role
// (RFC 6455 sections 4.1, 5 and 7). Says what it met to its listener; comes back to nobody: that is
// Client's. Owned by a Client; the loop's thread.
//
//   TLS handshake -> upgrade -> open (our Close, the server's) -> waiting for the end of TCP ->
//   over
//
// Its listener may call send(), close() and abandon() from inside a call, but not destroy it.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "gateway/http/response_parser.h"
#include "gateway/ws/client_handshake.h"
#include "gateway/ws/client_session.h"
#include "gateway/ws_client/ending.h"
#include "gateway/ws_client/options.h"
#include "gateway/ws_client/send_queue.h"
#include "gateway/ws_client/transport.h"
#include "ingest/io/event_loop.h"

namespace gateway::ws_client {

enum class Sent : std::uint8_t {
  Queued,
  Full,     // send_bytes_max is waiting: say less, or close
  NotOpen,  // not connected, or closing
};

class ConnectionListener {
 public:
  ConnectionListener() = default;
  ConnectionListener(const ConnectionListener&) = delete;
  ConnectionListener& operator=(const ConnectionListener&) = delete;
  virtual ~ConnectionListener() = default;

  /// The upgrade is verified. What is sent from inside leaves at once: the first message confirms
  /// the upgrade.
  virtual void opened(const ws::Opened& opened) = 0;
  /// The view lives until the call returns.
  virtual void text(std::string_view message) = 0;
  virtual void binary(ingest::ByteView message) = 0;
  /// The last call.
  virtual void ended(const Ending& ending) = 0;
};

class Connection final : public ingest::io::FdHandler {
 public:
  struct Parts {
    ingest::io::EventLoop* loop = nullptr;
    Tools* tools = nullptr;
    const ClientOptions* options = nullptr;  // these three outlive the connection
    ConnectionListener* listener = nullptr;
  };
  Connection(const Parts& parts, Transport transport);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() override;

  /// Once. Its first words may come from inside.
  void start();
  Sent send(ws::Opcode opcode, std::string_view payload);
  /// Closes in order: what is queued goes first, then our Close. Before the upgrade is over it just
  /// ends. `code` is a wire code.
  void close(std::uint16_t code, std::string_view reason);
  /// Ends now, without a word to anybody.
  void abandon();
  /// Started, and not over.
  bool is_alive() const { return phase_ != Phase::Over; }

  void ready(std::uint32_t events) override;

 private:
  enum class Phase : std::uint8_t { Handshake, Upgrading, Refused, Open, Lingering, Over };
  using Answer = Transport::Answer;

  // connection.cpp: reading, and the life of it
  void go_on();
  void read();
  bool take(Answer answer);
  void take_bytes(std::span<std::uint8_t> bytes);
  void take_frames(std::span<std::uint8_t> bytes);
  void deliver(const ws::Event& event);
  void hear_no_more();
  void fail(std::string sentence, Again again = Again::MayHelp);
  void end(const Ending& ending);
  void peer_ended(const Answer& answer);
  void check_life();
  void heard();

  // connection_upgrade.cpp: from connected to open
  void begin_upgrade();
  void take_answer(std::span<std::uint8_t> bytes);
  void open();

  // connection_write.cpp: what goes out
  void flush_soon();
  void go_on_soon();
  void flush();
  bool write_some();
  void take_written(std::size_t count);
  void say_close();
  void begin_linger();
  void want_write(bool wanted);

  void at(ingest::Millis wait, std::string sentence);

  Parts parts_;
  Transport transport_;
  Phase phase_ = Phase::Handshake;
  std::string request_;  // what of the upgrade request is not written yet
  ws::ClientOffer offer_;
  http::ResponseParser parser_;
  std::optional<ws::ClientSession> session_;
  std::optional<ws::DeflateAgreement> deflate_;
  SendQueue queue_;
  struct Goodbye {
    std::uint16_t code = 0;
    std::string reason;
  };
  std::optional<Goodbye> goodbye_;  // close() was called, its frame waits behind the queue
  std::optional<Ending> ending_;    // known; told when TCP is over
  ingest::MonoTime heard_{};
  bool pinged_ = false;
  bool wants_write_ = false;
  bool inside_ = false;  // ready() will flush at its end
  ingest::io::EventLoop::TimerId deadline_ = 0;
  ingest::io::EventLoop::TimerId life_ = 0;
  ingest::io::EventLoop::TimerId flush_ = 0;
};

}  // namespace gateway::ws_client
