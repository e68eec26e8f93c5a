#pragma once
// Options of a Client, with every limit and deadline named, and Tools: the scratch memory that all
// clients of one loop share, so that an idle one holds none.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "gateway/http/request.h"
#include "gateway/tls/context.h"
#include "gateway/tls/stream.h"
#include "gateway/ws/deflate.h"
#include "gateway/ws/extension.h"
#include "gateway/ws/message_reader.h"
#include "gateway/ws_client/backoff.h"
#include "gateway/ws_client/secrets.h"
#include "gateway/ws_client/url.h"
#include "ingest/base/clock.h"

namespace gateway::ws_client {

/// Deadlines, each from the event named. All are met within a millisecond of the loop.
struct Deadlines {
  ingest::Millis look_up{10'000};    // a name's addresses
  ingest::Millis connect{4'000};     // TCP, of each address
  ingest::Millis handshake{10'000};  // connected to upgraded, TLS included
  ingest::Millis excerpt{1'000};     // a refusal's head to what we read of its body
  ingest::Millis quiet{20'000};      // nothing heard: our ping
  ingest::Millis pong{10'000};       // our ping to any byte, else the connection is lost
  ingest::Millis close{5'000};       // our Close to the server's
  ingest::Millis linger{2'000};      // both Closes to the server's end of TCP
};

enum class Reconnect : std::uint8_t { Never, Always };

struct ClientOptions {
  Url url;
  std::vector<std::string> protocols;  // subprotocols offered, the most wanted first
  std::vector<http::Header> headers;   // besides the handshake's own: User-Agent, Authorization
  ws::Compression compression = ws::Compression::Deflate;
  ws::ReadLimits read{.message_bytes_max = std::size_t{16} << 20U};
  std::size_t send_bytes_max = std::size_t{1} << 20U;  // waiting; above: send() says Full
  Reconnect reconnect = Reconnect::Always;
  BackoffLimits backoff;
  Deadlines deadlines;
};

/// Shared by the clients of one loop, which it outlives them; that loop's thread.
struct Tools {
  static constexpr std::size_t kReadBytes = std::size_t{64} << 10U;
  static_assert(kReadBytes >= tls::Stream::kReadBytes);

  std::vector<std::uint8_t> buffer = std::vector<std::uint8_t>(kReadBytes);
  Secrets secrets;
  ws::Inflater inflater;
  ws::Deflater deflater;
  tls::Buffers tls_buffers;
  const tls::ClientContext* tls = nullptr;  // needed for wss:// only
};

}  // namespace gateway::ws_client
