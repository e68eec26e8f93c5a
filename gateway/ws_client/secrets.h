#pragma once
// Secrets: unpredictable bytes from OpenSSL's generator, fetched in blocks because a mask key is
// needed for every frame. No byte is given twice. One thread.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "gateway/ws/client_handshake.h"
#include "gateway/ws/mask.h"

namespace gateway::ws_client {

class Secrets final : public ws::MaskSource {
 public:
  Secrets() = default;
  Secrets(const Secrets&) = delete;
  Secrets& operator=(const Secrets&) = delete;
  ~Secrets() override;

  /// At most kBlock bytes.
  void fill(std::span<std::uint8_t> bytes);
  /// A fresh key for one frame (RFC 6455 section 5.3).
  ws::MaskKey next_key() override;
  /// What a Sec-WebSocket-Key is made of (RFC 6455 section 4.1).
  ws::HandshakeNonce nonce();
  /// 0 to `max`, each as likely.
  std::uint64_t number_up_to(std::uint64_t max);

 private:
  static constexpr std::size_t kBlock = 1024;
  std::array<std::uint8_t, kBlock> block_{};
  std::size_t left_ = 0;  // bytes at the end of block_ that nobody has seen
};

}  // namespace gateway::ws_client
