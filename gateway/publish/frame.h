#pragma once
// Frame: one message as it stands on the wire, encoded once and shared by all its readers on all
// threads, and perhaps its twin: the same message deflated (RFC 7692), for those who agreed to
// that. The twin is made by the first worker that needs it, once for all.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "gateway/ws/deflate.h"
#include "gateway/ws/frame.h"

namespace gateway::publish {

using ChannelId = std::uint32_t;  // "ch"; from 1, never used again within an epoch
using Sequence = std::uint64_t;   // "s"

/// Where a reader of a channel stands once it has a frame. ch 0: nowhere, as with words for one
/// reader, and with parts of a snapshot that are not the last.
struct FramePlace {
  ChannelId ch = 0;
  Sequence s = 0;
};

struct Frame;
/// Immutable once shared, as far as anybody can see: the refcount and the twin's state are all that
/// threads contend for.
using FramePtr = std::shared_ptr<const Frame>;

/// Messages for one reader alone are not worth a compression.
enum class Twin : std::uint8_t { Never, OnDemand };

/// What a frame's twin is, seen by one thread.
struct TwinView {
  std::string_view bytes;  // header with RSV1, and payload; empty: send the plain form
  bool made_now = false;   // by this call
};

struct Frame {
  /// A shorter payload gains nothing worth the work.
  static constexpr std::size_t kTwinPayloadMin = 200;

  std::string bytes;             // WebSocket header and payload; unmasked, FIN, RSV1 clear
  std::size_t header_bytes = 0;  // bytes.substr(header_bytes) is the JSON text
  FramePtr next;                 // the next part of one large snapshot; null for all else
  Twin wanted = Twin::Never;
  FramePlace place;

  std::string_view payload() const { return std::string_view{bytes}.substr(header_bytes); }

  /// Any thread, with its own deflater. Empty while another thread makes it, and where it would not
  /// be shorter. Lives as long as the frame.
  TwinView twin(ws::Deflater& deflater) const;

 private:
  enum class TwinState : std::uint8_t { None, Making, Made, Useless };
  bool make_twin(ws::Deflater& deflater) const;

  mutable std::atomic<TwinState> twin_state_{TwinState::None};
  mutable std::string twin_;  // written by whoever moved the state to Making, read once it is Made
};

/// Wraps a JSON text into one unmasked text frame, for one reader.
FramePtr make_frame(std::string_view json);
/// The same for all readers of a channel. `next` is the part that follows it, if any.
FramePtr make_frame(std::string_view json, FramePlace place, FramePtr next = nullptr);

/// A message for one reader, with RSV1 where there is a deflater.
FramePtr make_message(ws::Opcode opcode, std::string_view payload, ws::Deflater* deflater);

/// Bytes of this frame and of the parts behind it, without their twins: those are shorter, so they
/// never double it.
std::size_t chain_bytes(const Frame& frame);

}  // namespace gateway::publish
