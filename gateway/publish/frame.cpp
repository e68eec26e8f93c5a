#include "gateway/publish/frame.h"

#include <utility>

#include "gateway/ws/frame.h"

namespace gateway::publish {

FramePtr make_frame(std::string_view json, FramePtr next) {
  const ws::HeaderBytes header = ws::frame_header(ws::Opcode::Text, ws::Fin::Yes, json.size());
  auto frame = std::make_shared<Frame>();
  frame->bytes.reserve(header.size() + json.size());
  frame->bytes.append(header.text()).append(json);
  frame->header_bytes = header.size();
  frame->next = std::move(next);
  return frame;
}

std::size_t chain_bytes(const Frame& frame) {
  std::size_t bytes = 0;
  for (const Frame* part = &frame; part != nullptr; part = part->next.get()) {
    bytes += part->bytes.size();
  }
  return bytes;
}

}  // namespace gateway::publish
