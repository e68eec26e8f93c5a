#include "gateway/server/query_wish.h"

#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <string>

namespace gateway::server {
namespace {

using http::Request;
using ingest::Failure;
using ingest::Result;
using ingest::query::Code;
using ingest::query::Fault;
using nlohmann::json;

Failure<Fault> bad_field(std::string msg) {
  return Failure{Fault{Code::ProtoBadField, std::move(msg), false}};
}

json list_of(std::string_view text) {
  json list = json::array();
  while (!text.empty()) {
    const std::size_t end = text.find(',');
    list.push_back(std::string{text.substr(0, end)});
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  }
  return list;
}

/// How a member's text is meant: "a,b"; JSON; as it is; a number or a boolean where it is one, else
/// as it is.
enum class Kind : std::uint8_t { List, Json, Text, Scalar };
struct Member {
  const char* name;
  Kind kind;
};
constexpr std::array kMembers{
    Member{"metric", Kind::Text},  Member{"where", Kind::Json},  Member{"by", Kind::List},
    Member{"without", Kind::List}, Member{"window", Kind::Text}, Member{"slide", Kind::Text},
    Member{"stats", Kind::List},   Member{"err", Kind::Scalar},  Member{"derive", Kind::Json},
    Member{"order", Kind::Text},   Member{"limit", Kind::Scalar}};

Result<json, Fault> value_of(const Member& member, const std::string& text) {
  if (member.kind == Kind::List) return list_of(text);
  if (member.kind == Kind::Text) return json(text);
  json value = json::parse(text, nullptr, false);
  if (!value.is_discarded()) return value;
  if (member.kind == Kind::Scalar) return json(text);
  return bad_field(std::string{member.name} + ": is not JSON");
}

Result<json, Fault> query_of_members(const Request& request) {
  json query = json::object();
  for (const Member& member : kMembers) {
    if (const auto text = request.query_parameter(member.name))
      query[member.name] = TRY(value_of(member, *text));
  }
  return query;
}

}  // namespace

namespace {

Result<ingest::query::Query, Fault> read_wanted(const Request& request,
                                                const ingest::query::QueryLimits& limits) {
  const std::optional<std::string> q = request.query_parameter("q");
  const json members = TRY(query_of_members(request));
  const int said = int{q.has_value()} + int{!request.body.empty()} + int{!members.empty()};
  if (said > 1)
    return bad_field("the query stands in one place: q, the body, or metric and its kin");
  if (said == 0)
    return bad_field("which query? ?q=<JSON>, ?metric=<name>, or POST the query as JSON");
  if (!members.empty())
    return ingest::query::parse_query(members.dump(-1, ' ', false, json::error_handler_t::replace),
                                      limits);
  return ingest::query::parse_query(q ? *q : request.body, limits);
}

}  // namespace

Result<ingest::query::Query, Fault> read_query(const Request& request,
                                               const ingest::query::QueryLimits& limits,
                                               const auth::RightsPtr& rights) {
  ingest::query::Query query = TRY(read_wanted(request, limits));
  if (rights != nullptr) ingest::query::restrict(query, rights->where);
  return query;
}

Result<std::optional<ingest::WallTime>, Fault> read_time(const Request& request,
                                                         std::string_view name) {
  constexpr std::int64_t kMost = 253'402'300'800'000;  // the year 10000
  const std::optional<std::string> text = request.query_parameter(name);
  if (!text) return std::optional<ingest::WallTime>{};
  std::int64_t ms = 0;
  const auto [end, fault] = std::from_chars(text->data(), text->data() + text->size(), ms);
  if (fault != std::errc{} || end != text->data() + text->size() || ms < 0 || ms >= kMost)
    return bad_field(std::string{name} + ": want ms since 1970, as 1764000000000");
  return std::optional{ingest::WallTime{ingest::Millis{ms}}};
}

}  // namespace gateway::server
