#pragma once
// permessage-deflate's payloads (RFC 7692 section 7.2): Deflater makes them, Inflater reads them.
// Neither keeps a context from one message to the next, so one of each serves all connections of a
// worker. They must not know frames or negotiation. Pure; owned by a worker, used on its thread.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/ws/session_fault.h"
#include "ingest/base/bytes.h"
#include "ingest/base/result.h"

namespace gateway::ws {

/// zlib's level for messages that are compressed once and read by many. Measured on update frames
/// (tests/bench/ws_bench.cpp, one core): 6.6 KB go to 50.5% in 43 us at level 1, to 48.9% in 117 us
/// at level 6; 68 KB to 48.2% in 0.61 ms, and to 45.5% in 4.2 ms. A frame is due at once, so the
/// last three percent are not worth it.
inline constexpr int kDeflateLevel = 1;

/// The most bytes that a message of this size deflates to, at any of zlib's settings: its
/// deflateBound() states n/8 + n/256 + n/512 and a few bytes beside the message's own n, the last
/// of them a flush's. Saturates.
constexpr std::size_t deflated_bytes_max(std::size_t message_bytes) {
  const std::size_t more = message_bytes / 8 + message_bytes / 128 + 16;
  return message_bytes > SIZE_MAX - more ? SIZE_MAX : message_bytes + more;
}

class Deflater {
 public:
  explicit Deflater(int level = kDeflateLevel);
  ~Deflater();
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;

  /// Appends the payload of one message: raw DEFLATE to a byte boundary, without the four bytes
  /// 00 00 FF FF (section 7.2.1). A function of the message alone. Its memory, some 270 KB, is
  /// taken at the first call.
  void compress(std::string_view message, std::string& out);

 private:
  struct State;
  std::unique_ptr<State> state_;
  int level_;
};

class Inflater {
 public:
  Inflater();
  ~Inflater();
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  /// Memory for messages that is kept from one to the next.
  static constexpr std::size_t kKeepBytes = std::size_t{64} * 1024;

  /// The message of a whole payload, all its frames joined (section 7.2.2). Valid until the next
  /// call. MessageTooBig above `bytes_max`: no byte behind the first one too many is inflated.
  /// BadDeflate: not DEFLATE, cut off inside a block, or it refers to an earlier message.
  ///
  /// Blocks with BFINAL set may stand anywhere: a payload may end with one, as it is or with a byte
  /// 00 behind it (section 7.2.3.4), and blocks behind one are read on with the same window.
  ingest::Result<ingest::ByteView, SessionFault> inflate(ingest::ByteView compressed,
                                                         std::size_t bytes_max);
  /// Gives back what a large message took. What inflate() returned is no longer valid.
  void rest();
  /// Memory held for messages, in bytes.
  std::size_t held_bytes() const { return message_.capacity(); }

 private:
  struct State;
  enum class Ended : std::uint8_t { InputUsed, FinalBlock, TooBig, Garbage };

  void begin();
  Ended run(ingest::ByteView input, std::size_t bytes_max);
  Ended run_tail(std::size_t bytes_max);
  void make_room(std::size_t bytes_max);

  std::unique_ptr<State> state_;
  std::vector<std::uint8_t> message_;  // message_[0, size_) is inflated
  std::size_t size_ = 0;
};

}  // namespace gateway::ws
