// What is asked once: `range` and `meta`.

#include <array>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "gateway/publish/command_fields.h"
#include "ingest/model/sample.h"

namespace gateway::publish {

using ingest::query::Code;
using nlohmann::json;

Field<Command> read_range(const json& body, const CommandLimits& limits) {
  Range range;
  range.id = TRY(read_id(body));
  const auto start = TRY(read_time(body, "start"));
  if (!start) return bad_field("start: ms since 1970 are needed, as 1764000000000");
  range.ask.start = *start;
  range.end = TRY(read_time(body, "end"));
  range.ask.step = TRY(read_duration(body, "step")).value_or(ingest::Millis{0});
  constexpr std::size_t kCursorBytesMax = 1'024;
  range.ask.cursor = TRY(read_text(body, "cursor", kCursorBytesMax));
  range.ask.query = TRY(read_query(body, limits));
  return Command{std::move(range)};
}

namespace {

constexpr std::size_t kPlaceBytesMax = 32'768;  // of a series with as many tags as may be

Field<ingest::query::SeriesAsk> read_series(const json& body, const CommandLimits& limits) {
  ingest::query::SeriesAsk ask;
  ask.metric = TRY(read_text(body, "match", ingest::model::kNameBytesMax + 1));
  ask.after = TRY(read_text(body, "after", kPlaceBytesMax));
  ask.limit = kListDefault;
  if (const json* limit = field(body, "limit")) ask.limit = whole(limit).value_or(0);
  if (const json* where = field(body, "where"))
    ask.where = TRY(ingest::query::parse_matchers(where->dump(), limits.query));
  return ask;
}

}  // namespace

Field<Command> read_meta(const json& body, const CommandLimits& limits) {
  // One more than a name may have, so that the catalogue says what is wrong with a longer one.
  constexpr std::size_t kTextBytesMax = ingest::model::kNameBytesMax + 1;
  Meta meta;
  meta.id = TRY(read_id(body));
  const std::string text = TRY(read_text(body, "what", kTextBytesMax));
  const std::string_view what = text;
  if (what == "metrics") {
    CatalogueList list;
    list.match = TRY(read_text(body, "match", kTextBytesMax));
    list.after = TRY(read_text(body, "after", 2 * kTextBytesMax));
    if (const json* limit = field(body, "limit")) list.limit = whole(limit).value_or(0);
    meta.what = std::move(list);
  } else if (what == "tags") {
    meta.what = CatalogueTags{TRY(read_text(body, "match", kTextBytesMax))};
  } else if (what == "series") {
    meta.what = TRY(read_series(body, limits));
  } else {
    return bad_field("what: \"metrics\", \"tags\" or \"series\" is needed");
  }
  return Command{std::move(meta)};
}

}  // namespace gateway::publish
