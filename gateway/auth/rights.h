#pragma once
// Rights: what the holder of a token may do and see. A value, immutable once made.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/auth/token_hash.h"
#include "ingest/base/clock.h"
#include "ingest/query/query.h"

namespace gateway::auth {

/// Apart on purpose: an agent's token on a thousand hosts must not read, a page's must not write.
enum class Role : std::uint8_t {
  Reader,  // subscribes and asks
  Writer,  // sends samples
  Admin,   // both, and sees what an operator sees
};
/// "reader", "writer", "admin".
std::string_view role_name(Role role);
std::optional<Role> read_role(std::string_view name);

struct Rights {
  std::string name;  // whom logs name; never the token
  Role role = Role::Reader;
  /// Canonical; joined to `where` of every query. Empty: sees everything. Readers only.
  std::vector<ingest::query::Matcher> where{};
  std::optional<ingest::WallTime> until{};  // absent: they do not end by themselves
  Proof proof{};  // the hash of a static token, or of the key that signed one

  /// Whose they are, told apart from everybody else's: name and proof. Printable.
  std::string holder() const;
  /// Whom limits count as one: the name, whatever proves it; without a name, its holder.
  std::string identity() const { return name.empty() ? holder() : name; }
  bool may_read() const { return role != Role::Writer; }
  bool may_write() const { return role != Role::Reader; }
  bool operator==(const Rights&) const = default;
};

}  // namespace gateway::auth
