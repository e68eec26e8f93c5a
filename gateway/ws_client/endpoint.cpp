#include "gateway/ws_client/endpoint.h"

#include <sys/un.h>

#include <cstring>

#include "ingest/base/check.h"

namespace gateway::ws_client {

using ingest::io::Address;

Endpoint Endpoint::of(const Address& address) {
  Endpoint endpoint;
  std::memcpy(&endpoint.storage, address.data(), address.size());
  endpoint.size = address.size();
  endpoint.text = address.text();
  return endpoint;
}

Endpoint Endpoint::of_unix(const std::string& path) {
  sockaddr_un address{};
  CHECK(path.size() < sizeof address.sun_path);
  address.sun_family = AF_UNIX;
  std::memcpy(static_cast<char*>(address.sun_path), path.data(), path.size());
  Endpoint endpoint;
  std::memcpy(&endpoint.storage, &address, sizeof address);
  endpoint.size = sizeof address;
  endpoint.text = "unix:" + path;
  return endpoint;
}

std::optional<std::vector<Endpoint>> known_endpoints(const Url& url) {
  if (url.is_unix()) return std::vector{Endpoint::of_unix(url.unix_path)};
  const std::string port = ":" + std::to_string(url.port);
  std::vector<std::string> texts{url.host + port};
  if (url.host == "localhost") texts = {"127.0.0.1" + port, "[::1]" + port};
  if (url.host.find(':') != std::string::npos) texts = {"[" + url.host + "]" + port};
  std::vector<Endpoint> endpoints;
  for (const std::string& text : texts) {
    const auto address = Address::parse(text);
    if (!address) return std::nullopt;
    endpoints.push_back(Endpoint::of(*address));
  }
  return endpoints;
}

}  // namespace gateway::ws_client
