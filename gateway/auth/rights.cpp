#include "gateway/auth/rights.h"

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

}  // namespace gateway::auth
