// parse_windows: how long, and how often.

#include <algorithm>

#include "ingest/base/units.h"
#include "ingest/query/parse_parts.h"

namespace ingest::query {
namespace {

using Json = nlohmann::json;

constexpr std::int64_t kSlidesOfAWindow = 10;  // the default slide is at most a tenth of the window

Result<Millis, Fault> parse_span(const Json& json, std::string_view name) {
  const std::string at = std::string{name} + ": ";
  std::optional<Millis> span;
  if (const std::string* text = text_of(json)) {
    if (const auto read = read_duration(*text)) span = *read;
  } else if (json.is_number_unsigned() && json.get<std::uint64_t>() <= INT64_MAX) {
    span = Millis{json.get<std::int64_t>()};
  }
  if (!span) {
    return fault(Code::QueryBadWindow,
                 at + "want a whole number of ms, or one with ms, s, m, min, h or d as \"10s\"");
  }
  if (span->count() == 0) return fault(Code::QueryBadWindow, at + "is zero");
  return *span;
}

// The largest divisor of the window that is at most a tenth of it and at least the pane, in whole
// panes.
Millis default_slide(Millis window, const QueryLimits& limits) {
  const Millis pane = limits.pane;
  if (limits.default_slide == QueryLimits::Slide::Pane) return pane;
  const std::int64_t panes = window / pane;
  for (std::int64_t slide = panes / kSlidesOfAWindow; slide > 1; --slide) {
    if (panes % slide == 0) return slide * pane;
  }
  return pane;
}

}  // namespace

Result<void, Fault> parse_windows(const Json& object, const QueryLimits& limits, Query& query) {
  const auto bad = [](std::string msg) { return fault(Code::QueryBadWindow, std::move(msg)); };
  const auto ms = [](Millis span) { return std::to_string(span.count()) + " ms"; };
  if (const auto found = object.find("window"); found != object.end()) {
    query.window = TRY(parse_span(*found, "window"));
  } else {
    query.window = std::max(query.window / limits.pane, std::int64_t{1}) * limits.pane;
  }
  if (query.window > limits.window_max) {
    return bad("window: longer than the limit of " + ms(limits.window_max));
  }
  if (query.window % limits.pane != Millis{0}) {
    return bad("window: " + ms(query.window) + " is not a multiple of the pane of " +
               ms(limits.pane));
  }
  const auto found = object.find("slide");
  query.slide = found == object.end() ? default_slide(query.window, limits)
                                      : TRY(parse_span(*found, "slide"));
  if (query.slide > query.window) {
    return bad("slide: " + ms(query.slide) + " is greater than the window of " + ms(query.window));
  }
  if (query.slide % limits.pane != Millis{0}) {
    return bad("slide: " + ms(query.slide) + " is not a multiple of the pane of " +
               ms(limits.pane));
  }
  if (query.window % query.slide != Millis{0}) {
    return bad("window: " + ms(query.window) + " is not a multiple of the slide of " +
               ms(query.slide));
  }
  return {};
}

}  // namespace ingest::query
