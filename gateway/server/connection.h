#pragma once
// Connection: one client's socket and its phase: a greeting where one is due (a proxy's header, a
// TLS handshake), HTTP, then perhaps WebSocket or an event stream, then closing. Moves bytes and
// keeps deadlines; what they mean is the phases' business. Owned by its worker, on its thread.
//
// Level-triggered; what has come is read before a hang-up is believed: EPOLLIN unless reading is
// paused or waits for TLS's own answers, EPOLLOUT only while something is due that the last write
// did not take. All writing
// happens in flush(), once a turn, in one sendmsg:
//
//   outbox (whole answers, or the rest of one frame) | control frames | shared frames
//
// A connection never ends inside a call: it asks for it (Commons::ended) and the worker takes it
// down at the end of the turn.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <variant>
#include <vector>

#include "gateway/http/proxy_header.h"
#include "gateway/server/commons.h"
#include "gateway/server/dealer.h"
#include "gateway/server/http_phase.h"
#include "gateway/server/outbox.h"
#include "gateway/server/sse_phase.h"
#include "gateway/server/transport.h"
#include "gateway/server/ws_phase.h"
#include "ingest/io/event_loop.h"

namespace gateway::server {

/// What comes before the first byte of HTTP.
struct Greeting {
  enum class Line : std::uint8_t { Out, Waits, First };  // of Commons::greetings
  ingest::MonoTime until;
  std::unique_ptr<http::ProxyHeader> header;  // while one is awaited
  Arrival::Wire wire = Arrival::Wire::Plain;  // what follows it
  Line line = Line::Out;
};

/// Our half is shut; what still comes is read and dropped, so that the peer can read our last words
/// (RFC 9112 section 9.6).
struct Closing {
  ingest::MonoTime until;
};

class Connection final : public ingest::io::FdHandler {
 public:
  /// `commons` outlives the connection.
  Connection(publish::Subscriber who, Arrival arrival, Commons& commons);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() override;

  /// Registers with the loop; false when the system refuses.
  bool start();

  void ready(std::uint32_t events) override;
  void told(publish::Tell tell);
  void joined(publish::Join join);
  void answered(const publish::Answered& answered);
  /// The work of its request is done.
  void worked(Outcome outcome);
  /// Something may be due: flush() at the end of this turn.
  void mark_due();
  /// A channel that it reads has a frame more. A reader that takes nothing costs nothing.
  void frame_came() {
    if (!blocked_ && !due_) mark_fanned();
  }
  /// At the end of a turn, at most once.
  void flush();
  /// The same, when a frame came and nothing was written since.
  void flush_fanned() {
    if (fanned_) flush();
  }
  /// Soon this one: a fan-out goes through more connections than the nearest caches hold.
  void prefetch() const {
    constexpr std::size_t kLine = 64;
    const auto* bytes = reinterpret_cast<const char*>(this);
    for (std::size_t at = 0; at < sizeof(Connection); at += kLine)
      __builtin_prefetch(bytes + at);
  }
  /// It is the first of Commons::greetings.
  void greeting_turn();
  /// The wheel's word for the entry added with `when`.
  void deadline(ingest::MonoTime when);
  /// SIGTERM: the last answer, or `bye` and Close 1001.
  void drain(const publish::FramePtr& bye);
  /// At once, without a word.
  void abort(Ended why);

  const publish::Subscriber& who() const { return who_; }
  bool is_websocket() const { return std::holds_alternative<WsPhase>(phase_); }
  /// As people are told of who is slow; nothing where it reads no channels.
  std::optional<SlowReader> as_reader() const;

 private:
  /// One sendmsg: the parts of Commons::buffers.
  struct Gathered {
    std::size_t outbox = 0;     // bytes
    std::size_t control = 0;    // bytes
    std::size_t frames = 0;     // bytes
    std::size_t frames_at = 0;  // the buffer of the first frame; the others follow
    std::size_t parts = 1;      // buffers of each frame
    bool control_last = false;  // a Close that answers wait before
    bool more = false;          // there may be more than one sendmsg takes
    std::size_t total() const { return outbox + control + frames; }
  };

  enum class Signs : std::uint8_t { Good, Broken };  // Broken: EPOLLERR or EPOLLHUP came too
  bool may_read() const { return !paused_ && !peer_finished_ && !write_first_; }
  void read(Signs signs);
  void read_some(Signs signs);
  void blocked_by_kernel();
  void read_nothing(Signs signs);
  void greet(Signs signs);
  bool take_proxy_header(Signs signs);
  bool proxy_told(const http::ProxyHeader& header);
  bool may_shake_hands();
  bool shake_hands();
  void begin_http();
  void refuse(int status, std::string_view sentence, Ended why);
  void tls_failed();
  void take(std::span<std::uint8_t> bytes);
  void answer_came(HttpPhase::Step step);
  void take_http(std::span<std::uint8_t> bytes);
  bool waits() const;
  void take_ws(std::span<std::uint8_t> bytes);
  bool must_wait(const WsPhase& ws) const { return blocked_ && ws.answers_wait(); }
  void pause(std::span<const std::uint8_t> unread);
  void peer_finished();
  void write_due();
  void write_broke();
  void severed();
  void take_the_rest();
  Gathered gather();
  void gather_ws(WsPhase& ws, Gathered& gathered);
  void gather_sse(SsePhase& sse, Gathered& gathered);
  void gather_control(const WsPhase& ws, Gathered& gathered);
  void wrote(const Gathered& gathered, std::size_t count);
  void frames_wrote(const Gathered& gathered, std::size_t bytes);
  std::size_t frame_wrote(const publish::FramePtr& frame, std::span<const iovec> parts,
                          std::size_t bytes);
  /// Whoever reads channels, whichever way; false where nobody does.
  template <class Call>
  bool with_reader(Call call) {
    if (auto* ws = std::get_if<WsPhase>(&phase_)) return call(*ws), true;
    if (auto* sse = std::get_if<SsePhase>(&phase_)) return call(*sse), true;
    return false;
  }
  void after_write();
  void after_ws_write(const WsPhase& ws);
  void after_sse_write(const SsePhase& sse);
  void after_closing_write();
  bool all_out() const { return outbox_.empty() && !transport_.holds_output(); }
  void resume_reading();
  void mark_fanned();
  void watch();
  void look_again(ingest::MonoTime when);
  ingest::MonoTime check(ingest::MonoTime now);
  ingest::MonoTime check_http(HttpPhase& http, ingest::MonoTime now);
  ingest::MonoTime check_ws(WsPhase& ws, ingest::MonoTime now);
  ingest::MonoTime check_sse(SsePhase& sse, ingest::MonoTime now);
  void close_gently(Ended why);
  void gone(Ended how);
  void end(Ended why);

  static constexpr ingest::MonoTime kNever = ingest::MonoTime::max();

  Commons& commons_;
  Transport transport_;
  Guest guest_;
  publish::Subscriber who_;
  HttpPhase::Door door_;
  std::uint32_t watched_ = 0;  // what epoll was told
  Outbox outbox_;
  ingest::MonoTime moved_;           // the last byte that the kernel took while output waited
  ingest::MonoTime armed_ = kNever;  // the wheel's entry that counts
  std::variant<Greeting, HttpPhase, WsPhase, SsePhase, Closing> phase_;
  std::unique_ptr<std::vector<std::uint8_t>> kept_;  // while paused: what waits to be read
  std::optional<Ended> last_;                        // set: ends once the outbox is empty
  bool due_ = false;                                 // stands in Commons::due
  bool fanned_ = false;                              // stands in Commons::fanned
  bool ended_ = false;                               // stands in Commons::ended
  bool blocked_ = false;                             // the last write was short
  bool more_ = false;                                // more is due than one sendmsg took
  bool paused_ = false;         // requests or messages wait until there is room for their answers
  bool peer_finished_ = false;  // it has shut its half
  bool write_first_ = false;    // nothing is read until the transport's own output is out
  bool write_broken_ = false;   // nothing goes out any more; what came is still read
  bool severed_ = false;        // epoll says no more of it; what came is still read
};

}  // namespace gateway::server
