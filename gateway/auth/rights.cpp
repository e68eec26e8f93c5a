#include "gateway/auth/rights.h"

#include "gateway/auth/base64url.h"
#include "ingest/base/bytes.h"

namespace gateway::auth {

std::string_view role_name(Role role) {
  switch (role) {
    case Role::Reader:
      return "reader";
    case Role::Writer:
      return "writer";
    case Role::Admin:
      return "admin";
  }
  return {};
}

std::optional<Role> read_role(std::string_view name) {
  for (const Role role : {Role::Reader, Role::Writer, Role::Admin}) {
    if (name == role_name(role)) return role;
  }
  return std::nullopt;
}

std::string Rights::holder() const {
  constexpr std::size_t kProofBytes = 12;
  return name + "/" + encode_base64url(ingest::as_text(ingest::ByteView{proof}.first(kProofBytes)));
}

}  // namespace gateway::auth
