#pragma once
// Settings that both sides of TLS share. Part of this room's inside.

#include <array>

struct ssl_ctx_st;

namespace gateway::tls {

/// ALPN's list of what we speak (RFC 7301 section 3.1): a length and a name.
constexpr std::array<unsigned char, 9> kProtocols{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

/// False when OpenSSL refuses.
bool apply_common(ssl_ctx_st& context);

}  // namespace gateway::tls
