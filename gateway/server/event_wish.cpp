#include "gateway/server/event_wish.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "ingest/model/plain_event.h"
#include "ingest/model/sample.h"
#include "ingest/query/echo.h"

namespace gateway::server {
namespace {

using ingest::Failure;
using ingest::Result;
using ingest::WallTime;
using ingest::model::Annotation;
using ingest::model::PlainEvent;
using ingest::model::TagView;
using ingest::query::Code;
using ingest::query::Fault;
using Json = nlohmann::json;
using Level = Annotation::Level;

constexpr std::array<std::string_view, 6> kMembers{"title", "text", "time",
                                                   "level", "host", "tags"};

Failure<Fault> bad(std::string msg) {
  return Failure{Fault{Code::ProtoBadField, std::move(msg), false}};
}

bool holds_nul(std::string_view text) {
  return text.find('\0') != std::string_view::npos;
}

/// Absent: empty.
Result<std::string_view, Fault> read_text(const Json& body, const char* name) {
  const auto found = body.find(name);
  if (found == body.end()) return std::string_view{};
  const auto* text = found->get_ptr<const std::string*>();
  if (text == nullptr) return bad(std::string{name} + ": want a text");
  if (holds_nul(*text)) return bad(std::string{name} + ": holds a NUL");
  return std::string_view{*text};
}

Result<Level, Fault> read_level(const Json& body) {
  using Named = std::pair<std::string_view, Level>;
  constexpr std::array<Named, 4> kNames{{{"info", Level::Info},
                                         {"success", Level::Success},
                                         {"warning", Level::Warning},
                                         {"error", Level::Error}}};
  if (!body.contains("level")) return Level::Info;
  const std::string_view text = TRY(read_text(body, "level"));
  const auto* const named = std::ranges::find(kNames, text, &Named::first);
  if (named == kNames.end()) return bad("level: want info, success, warning or error");
  return named->second;
}

Result<WallTime, Fault> read_time(const Json& body, WallTime now) {
  constexpr std::int64_t kMost = 253'402'300'800'000;  // the year 10000
  const auto found = body.find("time");
  if (found == body.end()) return now;
  if (!found->is_number_unsigned() || found->get<std::uint64_t>() >= std::uint64_t{kMost})
    return bad("time: want ms since 1970, as 1764000000000");
  return ingest::wall_from_ms(found->get<std::int64_t>());
}

Result<TagView, Fault> read_tag(const std::string& key, const Json& value) {
  const std::string place = "tags: " + ingest::query::echoed(key) + " ";
  const auto* text = value.get_ptr<const std::string*>();
  if (key.empty()) return bad("tags: a key is empty");
  if (text == nullptr) return bad(place + "is no text");
  if (holds_nul(key) || holds_nul(*text)) return bad(place + "holds a NUL");
  if (key.size() > ingest::model::kTagKeyBytesMax)
    return bad(place + "is longer than " + std::to_string(ingest::model::kTagKeyBytesMax) +
               " bytes");
  if (text->size() > ingest::model::kTagValueBytesMax)
    return bad(place + "has a value longer than " +
               std::to_string(ingest::model::kTagValueBytesMax) + " bytes");
  return TagView{key, *text};
}

Result<std::vector<TagView>, Fault> read_tags(const Json& body) {
  std::vector<TagView> tags;
  const auto found = body.find("tags");
  if (found == body.end()) return tags;
  if (!found->is_object()) return bad(R"(tags: want an object, as {"service":"checkout"})");
  if (found->size() > ingest::model::kTagsMax)
    return bad("tags: more than " + std::to_string(ingest::model::kTagsMax));
  for (const auto& [key, value] : found->items())
    tags.push_back(TRY(read_tag(key, value)));
  return tags;
}

}  // namespace

Result<ingest::model::KeptAnnotation, Fault> read_event(std::string_view body, WallTime now) {
  const Json json = Json::parse(body, nullptr, false);
  if (!json.is_object()) return bad(R"(want a JSON object, as {"title":"deploy"})");
  for (const auto& [name, value] : json.items())
    if (std::ranges::find(kMembers, name) == kMembers.end())
      return bad(ingest::query::echoed(name) +
                 ": no such member; want title, text, time, level, host or tags");
  PlainEvent event;
  event.title = TRY(read_text(json, "title"));
  if (event.title.empty()) return bad("title: missing or empty");
  event.text = TRY(read_text(json, "text"));
  event.time = TRY(read_time(json, now));
  event.level = TRY(read_level(json));
  event.host = TRY(read_text(json, "host"));
  event.tags = TRY(read_tags(json));
  return keep(event);
}

}  // namespace gateway::server
