#include "gateway/config/config.h"

namespace gateway::config {

std::string_view transport_name(Transport transport) {
  switch (transport) {
    case Transport::Udp:
      return "udp";
    case Transport::Tcp:
      return "tcp";
    case Transport::Unixgram:
      return "unixgram";
    case Transport::Unix:
      return "unix";
  }
  return "";
}

std::vector<Feed> Config::default_feeds() {
  const Address statsd{.host = "127.0.0.1", .port = 8125};
  return {SocketFeed{.transport = Transport::Udp, .address = statsd},
          SocketFeed{.transport = Transport::Tcp, .address = statsd}, HostFeed{}};
}

}  // namespace gateway::config
