#pragma once
// Frame: one message as it stands on the wire, encoded once and shared by all its readers on all
// threads.

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace gateway::publish {

struct Frame;
/// Immutable once shared: the refcount is all that threads contend for.
using FramePtr = std::shared_ptr<const Frame>;

struct Frame {
  std::string bytes;             // WebSocket header and payload; unmasked, FIN, text, RSV1 clear
  std::size_t header_bytes = 0;  // bytes.substr(header_bytes) is the JSON text
  FramePtr next;                 // the next part of one large snapshot; null for all else
  std::string_view payload() const { return std::string_view{bytes}.substr(header_bytes); }
};

/// Wraps a JSON text into one unmasked text frame. `next` is the part that follows it, if any.
FramePtr make_frame(std::string_view json, FramePtr next = nullptr);

/// Bytes of this frame and of the parts behind it.
std::size_t chain_bytes(const Frame& frame);

}  // namespace gateway::publish
