#include "gateway/publish/command.h"

#include <limits>
#include <nlohmann/json.hpp>

#include "gateway/publish/command_fields.h"

namespace gateway::publish {
namespace {

using ingest::Failure;
using ingest::Millis;
using ingest::Result;
using ingest::query::Code;
using ingest::query::Fault;
using nlohmann::json;

Result<ResumePoint, Fault> read_from(const json& value) {
  const json* epoch = value.is_object() ? field(value, "epoch") : nullptr;
  const auto ch = value.is_object()
                      ? whole(field(value, "ch"), std::numeric_limits<ChannelId>::max())
                      : std::nullopt;
  const auto s = value.is_object() ? whole(field(value, "s")) : std::nullopt;
  if (epoch == nullptr || !epoch->is_string() || !ch || !s) {
    return bad_field("from: {\"epoch\":text,\"ch\":number,\"s\":number} is needed");
  }
  return ResumePoint{epoch->get<std::string>(), static_cast<ChannelId>(*ch), *s};
}

Result<Sub, Fault> read_sub_body(const json& body, const CommandLimits& limits) {
  Sub sub;
  sub.id = TRY(read_id(body));
  sub.rate = TRY(read_duration(body, "rate")).value_or(sub.rate);
  sub.history = TRY(read_duration(body, "history"));
  if (const json* from = field(body, "from")) sub.from = TRY(read_from(*from));
  sub.query = TRY(read_query(body, limits));
  return sub;
}

/// The fault, with the id that the body named if it can be read.
Refusal refusal_of(const json& body, Fault&& fault) {
  return Refusal{body.is_object() ? whole(field(body, "id")) : std::nullopt, std::move(fault)};
}

std::variant<Sub, Refusal> read_sub_of_list(const json& body, const CommandLimits& limits) {
  if (!body.is_object()) {
    return refusal_of(body, Fault{Code::ProtoBadField, "subs: objects are needed", false});
  }
  Result<Sub, Fault> sub = read_sub_body(body, limits);
  if (!sub) return refusal_of(body, std::move(sub).error());
  return *std::move(sub);
}

Result<Command, Fault> read_hello(const json& body, const CommandLimits& limits) {
  constexpr std::size_t kSdkBytesMax = 128;
  const json* version = field(body, "v");
  if (version == nullptr || !version->is_number_integer()) return bad_field("v: 1 is needed");
  if (*version != 1) return command_fault(Code::ProtoVersion, "v: this server speaks version 1");
  Hello hello;
  hello.sdk = TRY(read_text(body, "sdk", kSdkBytesMax));
  hello.token = TRY(read_text(body, "token", limits.token_bytes_max));
  const json* subs = field(body, "subs");
  if (subs == nullptr) return Command{std::move(hello)};
  hello.subs = TRY(read_subs(*subs, limits));
  return Command{std::move(hello)};
}

Result<Command, Fault> read_sub(const json& body, const CommandLimits& limits) {
  return Command{TRY(read_sub_body(body, limits))};
}

Result<Command, Fault> read_mod(const json& body, const CommandLimits& /*limits*/) {
  Mod mod;
  mod.id = TRY(read_id(body));
  mod.rate = TRY(read_duration(body, "rate"));
  if (const json* pause = field(body, "pause")) {
    if (!pause->is_boolean()) return bad_field("pause: true or false is needed");
    mod.pause = pause->get<bool>() ? Mod::Pause::Yes : Mod::Pause::No;
  }
  if (!mod.rate && !mod.pause) return bad_field("mod: rate or pause is needed");
  return Command{mod};
}

Result<Command, Fault> read_unsub(const json& body, const CommandLimits& /*limits*/) {
  return Command{Unsub{TRY(read_id(body))}};
}

Result<Command, Fault> read_seen(const json& body, const CommandLimits& /*limits*/) {
  const json* pairs = field(body, "a");
  if (pairs == nullptr || !pairs->is_array()) return bad_field("a: a list of [ch,s] is needed");
  Seen seen;
  for (const json& pair : *pairs) {
    if (seen.at.size() == kSeenMax) break;
    const bool two = pair.is_array() && pair.size() == 2;
    const auto ch =
        two ? whole(&pair.front(), std::numeric_limits<ChannelId>::max()) : std::nullopt;
    const auto s = two ? whole(&pair.back()) : std::nullopt;
    if (!ch || !s) return bad_field("a: a list of [ch,s] is needed");
    seen.at.emplace_back(static_cast<ChannelId>(*ch), *s);
  }
  return Command{std::move(seen)};
}

Result<Command, Fault> read_ping(const json& body, const CommandLimits& /*limits*/) {
  const json* n = field(body, "n");
  if (n == nullptr) return Command{Ping{}};
  if (const auto positive = whole(n)) return Command{Ping{static_cast<std::int64_t>(*positive)}};
  // What is an integer but not an unsigned one is below zero.
  const bool negative = n->is_number_integer() && !n->is_number_unsigned();
  if (!negative || n->get<std::int64_t>() < -kNumberMax) {
    return bad_field("n: a whole number is needed");
  }
  return Command{Ping{n->get<std::int64_t>()}};
}

Result<Command, Fault> read_auth(const json& body, const CommandLimits& limits) {
  Auth auth;
  auth.token = TRY(read_text(body, "token", limits.token_bytes_max));
  if (auth.token.empty()) return bad_field("token: a text is needed");
  return Command{std::move(auth)};
}

struct Reader {
  std::string_view type;
  Result<Command, Fault> (*read)(const json& body, const CommandLimits& limits);
};
constexpr Reader kReaders[]{{"hello", read_hello}, {"sub", read_sub},   {"mod", read_mod},
                            {"unsub", read_unsub}, {"seen", read_seen}, {"ping", read_ping},
                            {"range", read_range}, {"meta", read_meta}, {"auth", read_auth}};

Result<Command, Fault> read_command(const json& body, const CommandLimits& limits) {
  const json* type = field(body, "t");
  if (type == nullptr || !type->is_string()) return bad_field("t: the message's type is needed");
  const auto& name = type->get_ref<const std::string&>();
  for (const Reader& reader : kReaders) {
    if (reader.type == name) return reader.read(body, limits);
  }
  constexpr std::size_t kShownMax = 32;
  // A cut may fall inside a character; the writer of the message mends that.
  return command_fault(Code::ProtoUnknownType, "t: unknown type " + name.substr(0, kShownMax));
}

}  // namespace

Result<SubBodies, Fault> read_subs(const json& list, const CommandLimits& limits) {
  if (!list.is_array()) return bad_field("subs: a list is needed");
  if (list.size() > limits.subs_max) {
    return command_fault(Code::LimitSubs, "subs: more than " + std::to_string(limits.subs_max));
  }
  SubBodies bodies;
  for (const json& body : list)
    bodies.push_back(read_sub_of_list(body, limits));
  return bodies;
}

Result<Command, Refusal> parse_command(std::string_view text, const CommandLimits& limits) {
  if (text.size() > limits.text_bytes_max) {
    return Failure{
        Refusal{{},
                {Code::LimitFrame,
                 "message: more than " + std::to_string(limits.text_bytes_max) + " bytes", false}}};
  }
  const bool deep = is_deeper_than(text, limits.depth_max);
  const json body = deep ? json{} : json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!body.is_object()) {
    return Failure{
        Refusal{{},
                {Code::QueryBadJson,
                 deep ? "message: nested too deeply" : "message: not a JSON object", false}}};
  }
  Result<Command, Fault> command = read_command(body, limits);
  if (!command) return Failure{refusal_of(body, std::move(command).error())};
  return *std::move(command);
}

}  // namespace gateway::publish
