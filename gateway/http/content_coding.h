#pragma once
// What a request says its body was coded with (RFC 9110 section 8.4), and the body without it.
// Pure; an Inflater keeps no state between two bodies, so one serves all connections of a worker,
// on its thread. A long body is inflated in slices; who goes on with one later takes the Inflater
// along.

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
  Inflater(Inflater&&) noexcept;
  Inflater& operator=(Inflater&&) noexcept;
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  /// So much is inflated at once at most: well below a millisecond's work.
  static constexpr std::size_t kSliceBytes = std::size_t{128} * 1024;
  enum class Slice : std::uint8_t { More, Done };
  /// A body, whole; some() then gives the first slice. TooBig for one that is as it stands.
  ingest::Result<void, Fault> begin(ContentCoding coding, std::string_view body,
                                    std::size_t bytes_max);
  /// The next slice. After Done or a fault no more.
  ingest::Result<Slice, Fault> some();
  /// The body stands elsewhere from now on, the same bytes.
  void moved(std::string_view body);
  /// Bytes that were read or written so far, whichever are more: what it has cost.
  std::size_t worked() const;
  /// What is inflated so far; of Identity nothing. Until the next call.
  std::string_view text() const { return {text_.data(), size_}; }

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
  void make_room();
  Step step();

  std::unique_ptr<State> state_;
  std::vector<char> text_;  // text_[0, size_) is inflated
  std::size_t size_ = 0;
  ContentCoding coding_ = ContentCoding::Identity;
  std::size_t body_bytes_ = 0;
  std::size_t bytes_max_ = 0;
};

}  // namespace gateway::http
