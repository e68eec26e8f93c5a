// What goes out: the upgrade's request, then frames: control frames between whole messages, all
// that waits in one call.
#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <utility>

#include "gateway/ws/close_code.h"
#include "gateway/ws_client/connection.h"
#include "ingest/base/check.h"

namespace gateway::ws_client {
namespace {

constexpr std::size_t kPiecesMax = 64;
/// Shorter messages are not worth the compressor.
constexpr std::size_t kDeflateBytesMin = 64;

iovec piece_of(std::string_view bytes) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): the kernel only reads it
  return {const_cast<char*>(bytes.data()), bytes.size()};
}

/// What one call writes: pieces of what waits, in order.
struct Pieces {
  std::array<iovec, kPiecesMax> all{};
  std::size_t count = 0;
  void add(std::string_view bytes) {
    if (!bytes.empty()) all[count++] = piece_of(bytes);
  }
  std::span<const iovec> view() const { return std::span{all}.first(count); }
};

}  // namespace

Sent Connection::send(ws::Opcode opcode, std::string_view payload) {
  if (phase_ != Phase::Open || goodbye_ || !session_->may_send()) return Sent::NotOpen;
  std::string deflated;
  ws::Payload form = ws::Payload::Plain;
  // RFC 7692 section 7.1.2.2: a window that the server made small holds for what we compress.
  if (deflate_ && payload.size() >= kDeflateBytesMin &&
      ws::fits_window(payload.size(), deflate_->client_max_window_bits)) {
    parts_.tools->deflater.compress(payload, deflated);
    if (deflated.size() < payload.size()) form = ws::Payload::Deflated;
  }
  const std::string_view body = form == ws::Payload::Deflated ? deflated : payload;
  if (!queue_.push(ws::client_frame(opcode, body, parts_.tools->secrets.next_key(), form))) {
    return Sent::Full;
  }
  flush_soon();
  return Sent::Queued;
}

void Connection::close(std::uint16_t code, std::string_view reason) {
  CHECK(ws::is_wire_close_code(code));
  if (phase_ == Phase::Over || phase_ == Phase::Lingering || goodbye_) return;
  Ending ending;
  ending.sentence = "closed by us";
  if (phase_ != Phase::Open) return end(ending);
  if (!session_->may_send()) return;  // the server was first
  ending_ = std::move(ending);
  goodbye_ = Goodbye{code, std::string{reason}};
  at(parts_.options->deadlines.close, "");
  flush_soon();
}

/// Messages of one turn leave in one call.
void Connection::flush_soon() {
  if (!inside_) go_on_soon();
}

/// In the next turn, whatever the socket says by then.
void Connection::go_on_soon() {
  if (flush_ != 0) return;
  flush_ = parts_.loop->at(parts_.loop->mono(), [this] {
    flush_ = 0;
    go_on();
  });
}

void Connection::flush() {
  while (phase_ != Phase::Over && write_some()) {
  }
  if (phase_ == Phase::Open && session_->finished() && session_->output().empty() &&
      transport_.is_flushed()) {
    begin_linger();
  }
}

/// False when nothing waits, or the socket takes no more.
bool Connection::write_some() {
  if (!transport_.is_flushed()) {
    const Answer answer = transport_.flush();
    if (answer.state != Transport::State::Done) {
      take(answer);
      return false;
    }
  }
  say_close();
  Pieces pieces;
  pieces.add(request_);
  if (queue_.is_cut()) pieces.add(queue_.rest(0));
  if (session_) pieces.add(ingest::as_text(session_->output()));
  const std::size_t first = queue_.is_cut() ? 1 : 0;
  for (std::size_t i = first; i < queue_.frames() && pieces.count < kPiecesMax; ++i)
    pieces.add(queue_.rest(i));
  if (pieces.count == 0) {
    want_write(false);
    return false;
  }
  const Answer answer = transport_.write(pieces.view());
  if (answer.state != Transport::State::Done) {
    take(answer);
    return false;
  }
  take_written(answer.bytes);
  return true;
}

/// In the order of write_some().
void Connection::take_written(std::size_t count) {
  const auto share = [&count](std::size_t waiting) {
    const std::size_t part = std::min(count, waiting);
    count -= part;
    return part;
  };
  request_.erase(0, share(request_.size()));
  if (queue_.is_cut()) queue_.sent(share(queue_.rest(0).size()));
  if (session_) session_->output_sent(share(session_->output().size()));
  queue_.sent(count);
}

/// Our Close goes out behind the last message.
void Connection::say_close() {
  if (!goodbye_ || !queue_.empty() || !session_ || !session_->may_send()) return;
  session_->close(goodbye_->code, goodbye_->reason);
}

/// Both Closes went: the server ends TCP (RFC 6455 section 7.1.1), or we do when it does not.
void Connection::begin_linger() {
  phase_ = Phase::Lingering;
  parts_.loop->cancel(std::exchange(life_, 0));
  at(parts_.options->deadlines.linger, "");
}

void Connection::want_write(bool wanted) {
  if (wanted == wants_write_ || phase_ == Phase::Over) return;
  wants_write_ = wanted;
  const std::uint32_t events = wanted ? EPOLLIN | EPOLLOUT : EPOLLIN;
  parts_.loop->modify(transport_.fd(), events, *this);
}

}  // namespace gateway::ws_client
