#pragma once
// The request target (RFC 9112 section 3.2) taken apart, and the authority checked. One way to read
// each target: whatever a file system, a proxy or a cache could read differently is refused.

#include <optional>
#include <string>
#include <string_view>

#include "gateway/http/request_fault.h"
#include "ingest/base/result.h"

namespace gateway::http {

struct Target {
  std::string path;       // decoded, begins with '/'; "*" for the asterisk form
  std::string query;      // still escaped
  std::string authority;  // of the absolute form, lower case; else ""
};

/// `text` holds visible ASCII only. Takes "/path?query", "http://host/path?query" (https too) and
/// "*".
ingest::Result<Target, FaultKind> parse_target(std::string_view text);

/// The path of a target that may be malformed, still escaped: for the form of the answer that says
/// so. A view of `text`; "" where there is none.
std::string_view raw_path(std::string_view text);

/// A host with an optional port (0 to 65535, no leading zeros): a name, an IPv4 address or an IPv6
/// one in brackets (no later form, no zone); no user, not empty.
bool is_authority(std::string_view text);

/// Undoes percent escapes; nullopt when one is malformed.
std::optional<std::string> decode_percent(std::string_view text);

}  // namespace gateway::http
