#pragma once
// ExtensionReader: the lines of Sec-WebSocket-Extensions, part by part (RFC 6455 section 9.1).
//
//   permessage-deflate; server_max_window_bits="10"; x, other
//   ^ extension         ^ parameter with a value     ^  ^ extension

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "gateway/ws/extension.h"
#include "ingest/base/result.h"

namespace gateway::ws {

struct ExtensionPart {
  enum class Kind : std::uint8_t { Extension, Parameter };
  Kind kind = Kind::Extension;
  std::string_view name;                  // a token
  std::optional<std::string_view> value;  // of a parameter, unquoted; valid until the next next()
};

class ExtensionReader {
 public:
  /// The lines must outlive the reader.
  explicit ExtensionReader(std::span<const std::string_view> lines) : lines_(lines) {}

  /// nullopt at the end. A parameter belongs to the extension told last. More lenient than the
  /// grammar in two things: empty list elements, and a value that is empty or no token, which is
  /// then simply a wrong value.
  ingest::Result<std::optional<ExtensionPart>, MalformedExtensions> next();

 private:
  using Part = ingest::Result<std::optional<ExtensionPart>, MalformedExtensions>;
  Part read_extension();
  Part read_parameter();
  bool read_quoted();
  bool take(char c);
  void skip_space();
  std::string_view take_token();

  std::span<const std::string_view> lines_;  // not begun
  std::string_view rest_;                    // of the line being read
  std::string unquoted_;
  bool in_extension_ = false;
};

}  // namespace gateway::ws
