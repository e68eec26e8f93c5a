#pragma once
// SecureHouse: a House whose port speaks TLS, and what a client needs to trust it.

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <utility>

#include "gateway/tls/context.h"
#include "tests/gateway/server/house.h"
#include "tests/support/certificates.h"

namespace tests {

/// A house whose port speaks TLS, and a client that trusts it.
struct SecureHouse {
  explicit SecureHouse(gateway::server::Settings settings = {}, Door door = {}) {
    authority.issue("server", "DNS:localhost,IP:127.0.0.1");
    server =
        *gateway::tls::ServerContext::open({{authority.cert("server"), authority.key("server")}});
    client = *gateway::tls::ClientContext::open(
        {.trust = gateway::tls::ClientContext::Trust::File, .ca_file = authority.ca_file()});
    door.options.wire = gateway::server::Arrival::Wire::Tls;
    door.tls = server.get();
    house.emplace(std::move(settings), door);
  }
  std::unique_ptr<Visitor> visitor(int receive_buffer = 0) {
    auto one = std::make_unique<Visitor>(*house, receive_buffer);
    EXPECT_TRUE(one->start_tls(*client, "localhost")) << one->tls().fault();
    return one;
  }
  support::Authority authority;
  std::unique_ptr<gateway::tls::ServerContext> server;
  std::unique_ptr<gateway::tls::ClientContext> client;
  std::optional<House> house;
};

}  // namespace tests
