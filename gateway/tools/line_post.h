#pragma once
// Lines on their way to a server, in the packets that its transport wants: datagrams of whole
// lines, a stream, or bodies of HTTP writes. What a person piped or a file holds comes in as blocks
// of whole lines. Owned by a tool; one thread.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/tools/outlet.h"
#include "gateway/tools/target.h"
#include "ingest/base/result.h"
#include "ingest/codec/format.h"

namespace gateway::tools {

class LinePost {
 public:
  /// Of one HTTP body: below what servers take.
  static constexpr std::size_t kBodyBytesMax = std::size_t{1} << 20;

  /// Connects, but to HTTP.
  static ingest::Result<LinePost> open(const Target& target, ingest::codec::Format format);

  /// Whole lines; the last may lack its end. Datagrams and streams leave at once, bodies when they
  /// are full and with flush(). A line larger than a datagram goes in one of its own.
  ingest::Result<void> send(std::string_view lines);
  /// One datagram as it is; elsewhere its lines, ended.
  ingest::Result<void> send_datagram(std::string_view bytes);
  ingest::Result<void> flush();
  /// Nothing more comes: waits until a stream has been taken.
  ingest::Result<void> finish();

  struct Sent {
    std::uint64_t packets = 0;  // datagrams, writes or requests
    std::uint64_t bytes = 0;
  };
  const Sent& sent() const { return sent_; }

 private:
  LinePost(std::optional<Outlet> outlet, Target target, ingest::codec::Format format)
      : outlet_(std::move(outlet)), target_(std::move(target)), format_(format) {}
  ingest::Result<void> packet(std::string_view bytes);
  ingest::Result<void> send_in_datagrams(std::string_view lines);
  ingest::Result<void> send_in_bodies(std::string_view lines);

  std::optional<Outlet> outlet_;  // none: HTTP
  Target target_;
  ingest::codec::Format format_;
  std::string body_;
  Sent sent_;
};

}  // namespace gateway::tools
