#pragma once
// RecordSockets: what `weir record` listens with: the sockets that a feed of that kind would have,
// whose bytes go on as they came. Owned by a command; its loop's thread.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "gateway/tools/target.h"
#include "ingest/base/result.h"
#include "ingest/codec/format.h"
#include "ingest/io/event_loop.h"
#include "ingest/io/log.h"

namespace gateway::tools {

/// Who is told what arrives. Bytes live until the call returns.
class ArrivalSink {
 public:
  ArrivalSink() = default;
  ArrivalSink(const ArrivalSink&) = delete;
  ArrivalSink& operator=(const ArrivalSink&) = delete;
  virtual ~ArrivalSink() = default;

  enum class Whole : std::uint8_t { Yes, No };  // No: it was longer than the room for it
  virtual void datagram(std::string_view bytes, Whole whole) = 0;
  /// Whole lines of a connection, as they came together; at its end, what was left. All of them in
  /// a row are its bytes. Connections are counted from 1.
  virtual void piece(std::uint32_t connection, std::string_view bytes) = 0;
  virtual void closed(std::uint32_t connection) = 0;
  /// Datagrams that the kernel has dropped since the start.
  virtual void dropped(std::uint64_t count) = 0;
  /// A stream's sender had no place and was turned away.
  virtual void refused() = 0;
};

class RecordSockets {
 public:
  /// Further senders are refused, and told of.
  static constexpr std::size_t kConnectionsMax = 4'096;

  struct Parts {
    ingest::io::EventLoop* loop = nullptr;
    const ingest::io::Logger* log = nullptr;
    ArrivalSink* sink = nullptr;
    Target listen;  // any way but Http; port 0 takes a free one
    ingest::codec::Format format{};
    std::size_t connections_max = kConnectionsMax;
  };
  /// loop, log and sink outlive it. The error is a sentence that names the address.
  static ingest::Result<std::unique_ptr<RecordSockets>> open(const Parts& parts);
  RecordSockets() = default;
  RecordSockets(const RecordSockets&) = delete;
  RecordSockets& operator=(const RecordSockets&) = delete;
  virtual ~RecordSockets() = default;

  /// "127.0.0.1:8125" as bound, or a path.
  virtual std::string address() const = 0;
  /// Takes what waits in the kernel now, and gives the last numbers: at the end.
  virtual void drain() = 0;
};

}  // namespace gateway::tools
