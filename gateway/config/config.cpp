#include "gateway/config/config.h"

namespace gateway::config {

std::vector<Feed> Config::default_feeds() {
  const Address statsd{.host = "127.0.0.1", .port = 8125};
  return {SocketFeed{.transport = Transport::Udp, .address = statsd},
          SocketFeed{.transport = Transport::Tcp, .address = statsd}, HostFeed{}};
}

}  // namespace gateway::config
