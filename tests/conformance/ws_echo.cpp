// ws_echo: Weir's WebSocket engine with nothing behind it but an echo, so that any conformance
// suite can be pointed at it.
//
//   ws_echo [--port N] [--max-message BYTES] [--max-fragments N] [--deflate on|off]
//   ws_echo --connect URL [--max-message BYTES] [--deflate on|off] [--count N] [--ca FILE]

#include <charconv>
#include <cstdio>
#include <limits>
#include <string_view>
#include <vector>

#include "tests/conformance/echo_client.h"
#include "tests/conformance/echo_server.h"

namespace {

constexpr std::string_view kUsage =
    "usage: ws_echo [--port N] [--max-message BYTES] [--max-fragments N] [--deflate on|off]\n"
    "       ws_echo --connect URL [--max-message BYTES] [--deflate on|off] [--count N] [--ca "
    "FILE]\n"
    "Serves WebSocket on 127.0.0.1 under every path and gives each message back; or connects, "
    "gives\n"
    "each message back, and says in one line why it ended: status 0 when both sides closed in "
    "order.\n";

template <class T>
bool read_number(std::string_view text, T& number) {
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  return fault == std::errc{} && end == text.data() + text.size();
}

bool read_deflate(std::string_view text, gateway::ws::Compression& compression) {
  using gateway::ws::Compression;
  compression = text == "on" ? Compression::Deflate : Compression::None;
  return text == "on" || text == "off";
}

struct Options {
  tests::EchoOptions server;
  tests::EchoClientOptions client;  // where it has a URL
};

bool read_option(std::string_view name, std::string_view value, Options& options) {
  if (name == "--port") return read_number(value, options.server.port);
  if (name == "--max-fragments") return read_number(value, options.server.fragments_max);
  if (name == "--count") return read_number(value, options.client.messages_max);
  if (name == "--max-message") {
    options.client.message_bytes_max = 0;
    const bool good = read_number(value, options.client.message_bytes_max);
    options.server.message_bytes_max = options.client.message_bytes_max;
    return good;
  }
  if (name == "--deflate") {
    const bool good = read_deflate(value, options.server.compression);
    options.client.compression = options.server.compression;
    return good;
  }
  if (name == "--connect") options.client.url = value;
  if (name == "--ca") options.client.ca_file = value;
  return name == "--connect" || name == "--ca";
}

}  // namespace

int main(int count, char** arguments) {
  const std::vector<std::string_view> words(arguments + 1, arguments + count);
  Options options;
  for (std::size_t i = 0; i < words.size(); i += 2) {
    if (i + 1 < words.size() && read_option(words[i], words[i + 1], options)) continue;
    std::fputs(kUsage.data(), stderr);
    return 2;
  }
  if (!options.client.url.empty()) return tests::run_echo_client(options.client);
  return tests::serve_echo(options.server);
}
