#include "gateway/publish/frame.h"

#include <utility>

namespace gateway::publish {
namespace {

/// Appends the payload deflated, behind its header.
std::string deflated(ws::Opcode opcode, std::string_view payload, ws::Deflater& deflater) {
  std::string compressed;
  deflater.compress(payload, compressed);
  const ws::HeaderBytes header = ws::serialize_frame_header(
      {.opcode = opcode, .rsv1 = true, .mask = std::nullopt, .payload_bytes = compressed.size()});
  std::string bytes;
  bytes.reserve(header.size() + compressed.size());
  return bytes.append(header.text()).append(compressed);
}

}  // namespace

TwinView Frame::twin(ws::Deflater& deflater) const {
  // acquire: pairs with the release in make_twin(), so whoever sees Made sees the bytes.
  TwinState state = twin_state_.load(std::memory_order_acquire);
  if (state == TwinState::Made) return {twin_};
  if (state != TwinState::None || wanted == Twin::Never) return {};
  // relaxed: only the claim is decided here; nothing is read that another thread wrote.
  if (!twin_state_.compare_exchange_strong(state, TwinState::Making, std::memory_order_relaxed))
    return {};
  return make_twin(deflater) ? TwinView{twin_, true} : TwinView{};
}

/// By the one thread that moved the state to Making.
bool Frame::make_twin(ws::Deflater& deflater) const {
  if (payload().size() >= kTwinPayloadMin) twin_ = deflated(ws::Opcode::Text, payload(), deflater);
  const bool shorter = !twin_.empty() && twin_.size() < bytes.size();
  if (!shorter) std::string{}.swap(twin_);
  // release: the bytes are there before the word that they are.
  twin_state_.store(shorter ? TwinState::Made : TwinState::Useless, std::memory_order_release);
  return shorter;
}

namespace {

std::shared_ptr<Frame> text_frame(std::string_view json) {
  const ws::HeaderBytes header = ws::frame_header(ws::Opcode::Text, ws::Fin::Yes, json.size());
  auto frame = std::make_shared<Frame>();
  frame->bytes.reserve(header.size() + json.size());
  frame->bytes.append(header.text()).append(json);
  frame->header_bytes = header.size();
  return frame;
}

}  // namespace

FramePtr make_frame(std::string_view json) {
  return text_frame(json);
}

FramePtr make_frame(std::string_view json, FramePlace place, FramePtr next) {
  const std::shared_ptr<Frame> frame = text_frame(json);
  frame->place = place;
  frame->next = std::move(next);
  frame->wanted = Twin::OnDemand;
  return frame;
}

FramePtr make_message(ws::Opcode opcode, std::string_view payload, ws::Deflater* deflater) {
  auto frame = std::make_shared<Frame>();
  if (deflater != nullptr) {
    frame->bytes = deflated(opcode, payload, *deflater);
    return frame;
  }
  const ws::HeaderBytes header = ws::frame_header(opcode, ws::Fin::Yes, payload.size());
  frame->bytes.reserve(header.size() + payload.size());
  frame->bytes.append(header.text()).append(payload);
  frame->header_bytes = header.size();
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
