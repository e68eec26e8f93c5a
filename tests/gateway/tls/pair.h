#pragma once
// Pair: a server stream and a client stream over a real socket pair, in one thread.

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <string>
#include <utility>
#include <vector>

#include "gateway/tls/stream.h"
#include "ingest/io/fd.h"
#include "tests/support/certificates.h"

namespace tests {

using gateway::tls::Buffers;
using gateway::tls::ClientContext;
using gateway::tls::ServerContext;
using gateway::tls::Stream;
using State = Stream::State;

inline iovec buffer_of(std::string_view text) {
  return {.iov_base = const_cast<char*>(text.data()), .iov_len = text.size()};
}

/// An authority, a server's certificate for localhost, and a client that trusts it.
struct Trusting {
  Trusting() {
    authority.issue("server", "DNS:localhost,IP:127.0.0.1");
    auto opened = ServerContext::open({{authority.cert("server"), authority.key("server")}});
    EXPECT_TRUE(opened.has_value()) << (opened ? "" : opened.error().what);
    server = *std::move(opened);
    auto trusted =
        ClientContext::open({.trust = ClientContext::Trust::File, .ca_file = authority.ca_file()});
    EXPECT_TRUE(trusted.has_value()) << (trusted ? "" : trusted.error().what);
    client = *std::move(trusted);
  }
  support::Authority authority;
  std::unique_ptr<ServerContext> server;
  std::unique_ptr<ClientContext> client;
};

struct Pair {
  explicit Pair(const Trusting& trusting, const std::string& host = "localhost")
      : Pair(*trusting.server, *trusting.client, host) {}
  Pair(const ServerContext& server_context, const ClientContext& client_context,
       const std::string& host) {
    int ends[2] = {-1, -1};
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
    server_fd = ingest::io::Fd{ends[0]};
    client_fd = ingest::io::Fd{ends[1]};
    server = *Stream::server(server_context, server_fd.get(), buffers);
    client = *Stream::client(client_context, client_fd.get(), host, buffers);
  }

  /// Both ends in turns; true when both are done.
  bool shake() {
    for (int i = 0; i < 20; ++i) {
      client_state = client->handshake().state;
      server_state = server->handshake().state;
      if (client_state == State::Failed || server_state == State::Failed) {
        client_state = client->handshake().state;  // reads the alert
        return false;
      }
      if (client->is_ready() && server->is_ready()) return true;
    }
    return false;
  }
  static Stream::Answer write(Stream& stream, std::string_view text) {
    const iovec buffer = buffer_of(text);
    return stream.write({&buffer, 1});
  }
  /// All that is there now.
  static std::string read(Stream& stream, std::size_t room = Stream::kReadBytes) {
    std::string all;
    std::vector<std::uint8_t> bytes(room);
    for (;;) {
      const Stream::Answer answer = stream.read(bytes);
      if (answer.state != State::Done) return all;
      all.append(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(answer.bytes));
      if (!answer.more) return all;
    }
  }

  Buffers buffers;  // shared by both, as on a worker
  ingest::io::Fd server_fd;
  ingest::io::Fd client_fd;
  std::unique_ptr<Stream> server;
  std::unique_ptr<Stream> client;
  State client_state = State::WantRead;
  State server_state = State::WantRead;
};

}  // namespace tests
