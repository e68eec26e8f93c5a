// ws_echo: Weir's WebSocket engine with nothing behind it but an echo, so that any conformance
// suite can be pointed at it.
//
//   ws_echo [--port N] [--max-message BYTES] [--max-fragments N] [--deflate on|off]

#include <charconv>
#include <cstdio>
#include <limits>
#include <string_view>
#include <vector>

#include "tests/conformance/echo_server.h"

namespace {

constexpr std::string_view kUsage =
    "usage: ws_echo [--port N] [--max-message BYTES] [--max-fragments N] [--deflate on|off]\n"
    "Serves WebSocket on 127.0.0.1 under every path and gives each message back.\n";

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

bool read_option(std::string_view name, std::string_view value, tests::EchoOptions& options) {
  if (name == "--port") return read_number(value, options.port);
  if (name == "--max-message") return read_number(value, options.message_bytes_max);
  if (name == "--max-fragments") return read_number(value, options.fragments_max);
  if (name == "--deflate") return read_deflate(value, options.compression);
  return false;
}

}  // namespace

int main(int count, char** arguments) {
  const std::vector<std::string_view> words(arguments + 1, arguments + count);
  tests::EchoOptions options;
  for (std::size_t i = 0; i < words.size(); i += 2) {
    if (i + 1 < words.size() && read_option(words[i], words[i + 1], options)) continue;
    std::fputs(kUsage.data(), stderr);
    return 2;
  }
  return tests::serve_echo(options);
}
