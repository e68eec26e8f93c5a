#pragma once
// json_fields: members of a JSON object from outside, which may be missing or of another kind.
// Pure.

#include <nlohmann/json.hpp>
#include <string>

namespace gateway::cli {

/// nullptr where there is none. Lives as long as the object.
inline const nlohmann::json* member_at(const nlohmann::json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

/// "" where it is missing or no string.
inline std::string text_at(const nlohmann::json& object, const char* name) {
  const nlohmann::json* found = member_at(object, name);
  return found != nullptr && found->is_string() ? found->get<std::string>() : "";
}

}  // namespace gateway::cli
