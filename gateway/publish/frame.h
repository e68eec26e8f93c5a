#pragma once
// Frame: one message as it stands on the wire, encoded once and shared by all its readers on all
// threads.

#include <memory>
#include <string>
#include <string_view>

namespace gateway::publish {

struct Frame {
  std::string bytes;             // WebSocket header and payload; unmasked, FIN, text, RSV1 clear
  std::size_t header_bytes = 0;  // bytes.substr(header_bytes) is the JSON text
  std::string_view payload() const { return std::string_view{bytes}.substr(header_bytes); }
};

/// Immutable once shared: the refcount is all that threads contend for.
using FramePtr = std::shared_ptr<const Frame>;

/// Wraps a JSON text into one unmasked text frame.
FramePtr make_frame(std::string_view json);

}  // namespace gateway::publish
