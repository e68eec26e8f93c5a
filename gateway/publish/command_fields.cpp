#include "gateway/publish/command_fields.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "ingest/base/units.h"

namespace gateway::publish {

using ingest::Failure;
using ingest::Millis;
using ingest::WallTime;
using ingest::query::Code;
using ingest::query::Fault;
using nlohmann::json;

Failure<Fault> command_fault(Code code, std::string msg) {
  return Failure{Fault{code, std::move(msg), false}};
}

Failure<Fault> bad_field(std::string msg) {
  return command_fault(Code::ProtoBadField, std::move(msg));
}

bool is_deeper_than(std::string_view text, std::size_t depth_max) {
  std::size_t depth = 0;
  bool quoted = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (quoted) {
      if (c == '\\') ++at;
      if (c == '"') quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '[' || c == '{') {
      if (++depth > depth_max) return true;
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return false;
}

const json* field(const json& body, const char* name) {
  const auto found = body.find(name);
  return found == body.end() ? nullptr : &*found;
}

std::optional<std::uint64_t> whole(const json* value, std::int64_t max) {
  if (value == nullptr || !value->is_number_unsigned()) return std::nullopt;
  const auto number = value->get<std::uint64_t>();
  if (number > static_cast<std::uint64_t>(max)) return std::nullopt;
  return number;
}

Field<std::uint64_t> read_id(const json& body) {
  const std::optional<std::uint64_t> id = whole(field(body, "id"));
  if (!id) return bad_field("id: a whole number from 0 to 2^53 - 1 is needed");
  return *id;
}

Field<std::optional<Millis>> read_duration(const json& body, const char* name) {
  const json* value = field(body, name);
  if (value == nullptr) return std::optional<Millis>{};
  std::optional<Millis> read;
  if (const auto ms = whole(value)) read = Millis{static_cast<std::int64_t>(*ms)};
  if (value->is_string()) {
    const auto duration = ingest::read_duration(value->get_ref<const std::string&>());
    if (duration) read = *duration;
  }
  if (!read || *read <= Millis{0}) {
    return bad_field(std::string{name} + ": a duration above zero is needed, as 1000 or \"1s\"");
  }
  return read;
}

Field<std::optional<WallTime>> read_time(const json& body, const char* name) {
  constexpr std::int64_t kMost = 253'402'300'800'000;  // the year 10000
  const json* value = field(body, name);
  if (value == nullptr) return std::optional<WallTime>{};
  const auto ms = whole(value, kMost);
  if (!ms) return bad_field(std::string{name} + ": ms since 1970 are needed, as 1764000000000");
  return std::optional{WallTime{Millis{static_cast<std::int64_t>(*ms)}}};
}

Field<std::string> read_text(const json& body, const char* name, std::size_t bytes_max) {
  const json* value = field(body, name);
  if (value == nullptr || value->is_null()) return std::string{};
  if (!value->is_string() || value->get_ref<const std::string&>().size() > bytes_max) {
    return bad_field(std::string{name} + ": a text of at most " + std::to_string(bytes_max) +
                     " bytes is needed");
  }
  return value->get<std::string>();
}

Field<ingest::query::Query> read_query(const json& body, const CommandLimits& limits) {
  const json* q = field(body, "q");
  if (q == nullptr || !q->is_object()) return bad_field("q: an object is needed");
  return ingest::query::parse_query(q->dump(), limits.query);
}

}  // namespace gateway::publish
