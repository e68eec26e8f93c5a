#pragma once
// What a request says its body was coded with (RFC 9110 section 8.4), and the body without it.
// Pure; an Inflater keeps no state between two bodies, so one serves all connections of a worker,
// on its thread.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "gateway/http/request.h"
#include "ingest/base/result.h"

namespace gateway::http {

enum class ContentCoding : std::uint8_t { Identity, Gzip, Deflate };

/// The value of Accept-Encoding in an answer of 415 (RFC 9110 section 12.5.3).
constexpr std::string_view kCodingsTaken = "gzip, deflate, identity";

/// Nothing for a coding that is not ours, and for two of them.
std::optional<ContentCoding> content_coding(const Request& request);

class Inflater {
 public:
  enum class Fault : std::uint8_t {
    TooBig,   // more than bytes_max; no byte behind the first one too many was inflated
    Damaged,  // not what the coding says, cut off, or with something behind it
  };
  /// Memory that is kept from one body to the next.
  static constexpr std::size_t kKeepBytes = std::size_t{1} << 20;

  Inflater();
  ~Inflater();
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  /// A whole body, plain: `body` itself, or a text that is valid until the next call or rest().
  /// Gzip: one member or several (RFC 1952 section 2.2). Deflate: the zlib format (RFC 1950).
  ingest::Result<std::string_view, Fault> plain(ContentCoding coding, std::string_view body,
                                                std::size_t bytes_max);
  /// The text that plain() inflated last, which is the caller's from here on.
  std::vector<char> take();
  /// Gives back what a large body took.
  void rest();
  std::size_t held_bytes() const { return text_.capacity(); }

 private:
  struct State;
  enum class Step : std::uint8_t { More, Done, TooBig, Damaged };
  void begin(ContentCoding coding, std::string_view body);
  void make_room(std::size_t bytes_max);
  Step step(ContentCoding coding, std::size_t bytes_max);

  std::unique_ptr<State> state_;
  std::vector<char> text_;  // text_[0, size_) is inflated
  std::size_t size_ = 0;
};

}  // namespace gateway::http
