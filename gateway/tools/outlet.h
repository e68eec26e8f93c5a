#pragma once
// Outlet: one open way to a server, for tools that send: datagrams, or the bytes of a stream. Every
// fault is a sentence that names the target. Owned by a tool, one thread; blocks, but never longer
// than a peer that reads nothing is given (kPatience).

#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/tools/target.h"
#include "ingest/base/clock.h"
#include "ingest/base/result.h"
#include "ingest/io/fd.h"

namespace gateway::tools {

class Outlet {
 public:
  /// How long a peer may take nothing at all.
  static constexpr ingest::Millis kPatience{10'000};
  /// Fits into an Ethernet frame with the headers of IPv6 and UDP.
  static constexpr std::size_t kDatagramBytesMax = 1'432;

  /// Connects; not for Way::Http. A UDP target always opens: nobody answers there. A stream begins
  /// with the line `token T` where the target has one, and waits a moment for a refusal.
  static ingest::Result<Outlet> open(const Target& target);

  /// One datagram, or all of these bytes of the stream. A UDP target on which nobody listens is
  /// told by the system with one of the next calls: "nobody listens on udp://...".
  ingest::Result<void> send(std::string_view bytes);
  /// Before a line that stands alone: a stream that its peer has closed, as one that was idle, is
  /// opened again; else the system would take the line, and nobody would read it. Who closes the
  /// new one at once is told by the next send().
  ingest::Result<void> renew();
  /// Says that no more comes, and waits until a stream's peer has taken all of it and closed, or
  /// for a moment. The error is what was told too late for send().
  ingest::Result<void> finish();

  int fd() const { return fd_.get(); }
  const Target& target() const { return target_; }

 private:
  Outlet(ingest::io::Fd fd, Target target, bool is_near)
      : fd_(std::move(fd)), target_(std::move(target)), is_near_(is_near) {}
  static ingest::Result<Outlet> connect(const Target& target);
  ingest::Error fault(int error) const;
  bool has_closed(int within_ms) const;

  ingest::io::Fd fd_;
  Target target_;
  bool is_near_;             // this machine: what is refused is told at once
  bool is_watched_ = false;  // what is sent next may be refused
};

}  // namespace gateway::tools
