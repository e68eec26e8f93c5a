#pragma once
// Commons: what the connections of one worker share: buffers, the desk of the protocol, deadlines,
// and the list of who has something due. Owned by the worker, its thread only (the counters may be
// read by any).

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/publish/subscriptions.h"
#include "gateway/server/address_book.h"
#include "gateway/server/body_hold.h"
#include "gateway/server/caller.h"
#include "gateway/server/counts.h"
#include "gateway/server/site.h"
#include "gateway/server/wheel.h"
#include "gateway/server/work.h"
#include "gateway/server/write_desk.h"
#include "gateway/tls/stream.h"
#include "gateway/ws/deflate.h"
#include "ingest/io/event_loop.h"
#include "ingest/query/annotations.h"

namespace gateway::server {

class Connection;

/// After how long clients of a server that stops come back: each at a random time between.
constexpr ingest::Millis kReconnectMin{250};
constexpr ingest::Millis kReconnectMax{8'000};

struct Commons {
  static constexpr std::size_t kReceiveBytes = std::size_t{64} * 1024;
  static constexpr std::size_t kBuffersMax = 64;  // of one sendmsg
  static constexpr int kReadsMax = 4;             // of one connection in a turn
  static constexpr int kHandshakesMax = 8;        // steps of TLS handshakes in a turn

  Commons(ingest::io::EventLoop& loop_in, const Site& site_in, std::uint32_t worker_in,
          std::uint64_t seed);

  publish::Subscriptions::Now now() const { return {.mono = loop.mono(), .wall = loop.wall()}; }
  /// A name for a connection in `welcome`.
  std::uint64_t next_session();
  /// Who a subscriber is that came as `caller`; none where anybody may read, and where a responder
  /// stands in place of the protocol.
  std::unique_ptr<publish::Identity> identity_of(Caller caller);
  /// What became of a subscriber's rights, and when to look again. A reload is noticed here too: by
  /// the time of the next heartbeat.
  ingest::MonoTime check_rights(publish::Subscriptions& subscriptions);
  /// When to look at it again: its rights, or frames that are held back. Changes nothing.
  ingest::MonoTime next_look(const publish::Subscriptions& subscriptions) const;
  /// `hb` of this second, the same bytes for all.
  publish::FramePtr heartbeat();
  /// At most one line a second of each event, which is a literal, with the speaker's address: what
  /// peers can cause must neither fill the log nor hide one another.
  void warn_sometimes(std::string_view event, std::string_view key, std::string_view value);

  ingest::io::EventLoop& loop;
  const Site& site;
  std::uint32_t worker;
  Counts counts;
  publish::Desk desk;
  std::shared_ptr<const ingest::query::Annotations> annotations;
  std::shared_ptr<const publish::StreamList> streams;  // that cost most; none before the first word
  Wheel wheel;
  Doorkeeper doorkeeper;
  ws::Deflater deflater;  // for all connections; it keeps no context
  ws::Inflater inflater;  // the same
  WriteDesk write_desk;
  BodyBook bodies;                          // that are coming in
  WorkQueue work;                           // goes before `bodies`, whose holds it keeps
  std::vector<std::uint8_t> received;       // the one receive buffer
  std::vector<iovec> buffers;               // scratch of one sendmsg
  std::vector<publish::FramePtr> frames;    // scratch of one flush
  std::vector<std::string> event_ends;      // the same, of an event stream
  std::vector<publish::Subscriber> due;     // who has something to write at the end of the turn
  std::vector<publish::Subscriber> fanned;  // who has frames of channels, and no more, behind them
  std::vector<publish::Subscriber> ended;   // who is to be taken down then
  std::deque<publish::Subscriber> greetings;  // whose handshake waits, in order; each stands once
  const tls::ServerContext* tls = nullptr;    // where there is one
  tls::Buffers tls_buffers;
  AddressBook* addresses = nullptr;
  int handshakes_left = kHandshakesMax;  // of this turn
  const Peer* speaker = nullptr;         // whose bytes are being read
  bool draining = false;
  bool mail_full = false;  // commands wait above their maximum: 4101 for who asks for more

 private:
  ingest::MonoTime mono_of(ingest::WallTime end) const;

  std::uint64_t sessions_;
  struct Warned {
    std::string_view event;
    ingest::MonoTime at;
  };
  std::vector<Warned> warned_;  // one for each event that the code names: a handful
  publish::FramePtr heartbeat_;
  std::int64_t heartbeat_second_ = -1;
};

}  // namespace gateway::server
