#include "gateway/server/events_api.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "gateway/publish/catalogue_json.h"
#include "gateway/server/fault_answer.h"
#include "gateway/server/query_fault.h"
#include "gateway/server/query_wish.h"
#include "ingest/query/fault.h"

namespace gateway::server {
namespace {

using http::quote_json;
using ingest::Failure;
using ingest::Result;
using ingest::WallTime;
using ingest::model::Annotation;
using ingest::model::KeptAnnotation;
using ingest::model::KeptAnnotationPtr;
using ingest::query::Annotations;
using ingest::query::Code;
using ingest::query::Fault;
using ingest::query::NumberedAnnotation;

Failure<Fault> bad_field(std::string msg) {
  return Failure{Fault{Code::ProtoBadField, std::move(msg), false}};
}

template <class T>
bool read_number(std::string_view text, T& number) {
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  return fault == std::errc{} && end == text.data() + text.size();
}

Result<std::size_t, Fault> read_limit(const http::Request& request) {
  const auto text = request.query_parameter("limit");
  if (!text) return publish::kListDefault;
  std::size_t limit = 0;
  if (read_number(*text, limit) && limit > 0 && limit <= publish::kListMax) return limit;
  return bad_field("limit is not an integer from 1 to " + std::to_string(publish::kListMax));
}

/// Of the list of checks.
Result<std::size_t, Fault> read_first(const http::Request& request) {
  const auto text = request.query_parameter("after");
  std::size_t first = 0;
  if (!text || text->empty() || read_number(*text, first)) return first;
  return bad_field("after: want `next` of the answer before");
}

// ---- what is asked ----

/// A place in the list: what stands behind it is older.
struct Place {
  WallTime time;
  std::uint64_t id = 0;
};
bool older(const NumberedAnnotation& one, const Place& place) {
  return std::tuple{one.what->time, one.id} < std::tuple{place.time, place.id};
}

std::uint64_t shown_id(std::uint64_t id, const Sight* sight) {
  return sight == nullptr ? id : sight->ids.hide(id);
}
std::uint64_t own_id(std::uint64_t shown, const Sight* sight) {
  return sight == nullptr ? shown : sight->ids.show(shown);
}
bool sees(const Sight* sight, const KeptAnnotation& annotation) {
  return sight == nullptr || sight->where.holds(annotation);
}

/// The id given out last, of what may be seen.
std::uint64_t newest_of(const Annotations& annotations, const Sight* sight) {
  if (sight == nullptr) return annotations.newest;
  std::uint64_t newest = 0;
  for (const NumberedAnnotation& one : annotations.log)
    if (one.id > newest && sees(sight, *one.what)) newest = one.id;
  return newest;
}

std::string text_of(const Place& place, const Sight* sight) {
  return std::to_string(ingest::to_ms(place.time)) + '-' +
         std::to_string(shown_id(place.id, sight));
}

std::optional<Place> read_place(std::string_view text) {
  const std::size_t dash = text.find('-');
  std::int64_t ms = 0;
  Place place;
  if (dash == std::string_view::npos || !read_number(text.substr(0, dash), ms) || ms < 0 ||
      !read_number(text.substr(dash + 1), place.id))
    return std::nullopt;
  place.time = ingest::wall_from_ms(ms);
  return place;
}

struct EventsWish {
  std::optional<WallTime> start;
  std::optional<WallTime> end;
  std::optional<Place> after;
  std::uint64_t since = 0;
  std::size_t limit = 0;
};

Result<EventsWish, Fault> read_events_wish(const http::Request& request, const Sight* sight) {
  EventsWish wish;
  wish.start = TRY(read_time(request, "start"));
  wish.end = TRY(read_time(request, "end"));
  wish.limit = TRY(read_limit(request));
  if (const auto text = request.query_parameter("since")) {
    if (!read_number(*text, wish.since))
      return bad_field("since: want an id, as `newest` of an answer");
    wish.since = own_id(wish.since, sight);
  }
  if (const auto text = request.query_parameter("after"); text && !text->empty()) {
    wish.after = read_place(*text);
    if (!wish.after) return bad_field("after: want `next` of the answer before");
    wish.after->id = own_id(wish.after->id, sight);
  }
  return wish;
}

/// The annotations that `wish` is about by their time: [first, second) of the log.
auto part_of(const Annotations& annotations, const EventsWish& wish) {
  const auto& log = annotations.log;
  const auto from = [&](WallTime time) {
    return std::partition_point(log.begin(), log.end(), [time](const NumberedAnnotation& one) {
      return one.what->time < time;
    });
  };
  auto begin = wish.start ? from(*wish.start) : log.begin();
  auto end = wish.end ? from(*wish.end) : log.end();
  if (wish.after) {
    end = std::min(end,
                   std::partition_point(log.begin(), log.end(), [&](const NumberedAnnotation& one) {
                     return older(one, *wish.after);
                   }));
  }
  return std::pair{std::min(begin, end), end};
}

// ---- what is answered ----

std::string_view status_name(Annotation::Level level) {
  switch (level) {
    case Annotation::Level::Info:
      return "unknown";
    case Annotation::Level::Success:
      return "ok";
    case Annotation::Level::Warning:
      return "warning";
    case Annotation::Level::Error:
      return "critical";
  }
  return "";
}

/// The worst first.
int rank_of(Annotation::Level status) {
  switch (status) {
    case Annotation::Level::Error:
      return 0;
    case Annotation::Level::Warning:
      return 1;
    case Annotation::Level::Info:
      return 2;
    case Annotation::Level::Success:
      return 3;
  }
  return 0;
}

void append(std::string& out, std::string_view key, std::string_view value) {
  out += ",\"";
  out += key;
  out += "\":";
  out += quote_json(value);
}

void append_tags(std::string& out, const KeptAnnotation& annotation) {
  out += R"(,"tags":{)";
  bool first = true;
  for (const auto& tag : annotation.tags) {
    if (!std::exchange(first, false)) out += ',';
    out += quote_json(tag.key) + ':' + quote_json(tag.value);
  }
  out += '}';
  if (annotation.cut) out += R"(,"cut":true)";
}

void append_event(std::string& out, const NumberedAnnotation& numbered, const Sight* sight) {
  const KeptAnnotation& one = *numbered.what;
  const bool event = one.of == Annotation::Of::Event;
  out += R"({"id":)" + std::to_string(shown_id(numbered.id, sight));
  append(out, "kind", event ? "event" : "check");
  out += R"(,"time":)" + std::to_string(ingest::to_ms(one.time));
  append(out, "level", level_name(one.level));
  append(out, "title", one.title);
  append(out, "text", one.text);
  append(out, "host", one.host);
  if (event) {
    append(out, "priority", one.priority == Annotation::Priority::Low ? "low" : "normal");
    append(out, "aggregation_key", one.aggregation_key);
    append(out, "source_type", one.source_type);
  } else {
    append(out, "status", status_name(one.level));
  }
  append_tags(out, one);
  out += '}';
}

void append_check(std::string& out, const KeptAnnotation& check) {
  out += R"({"name":)" + quote_json(check.title);
  append(out, "host", check.host);
  append(out, "status", status_name(check.level));
  out += R"(,"time":)" + std::to_string(ingest::to_ms(check.time));
  append(out, "message", check.text);
  append_tags(out, check);
  out += '}';
}

}  // namespace

std::string_view level_name(Annotation::Level level) {
  switch (level) {
    case Annotation::Level::Info:
      return "info";
    case Annotation::Level::Success:
      return "success";
    case Annotation::Level::Warning:
      return "warning";
    case Annotation::Level::Error:
      return "error";
  }
  return "";
}

http::Response answer_events(const Annotations& annotations, const http::Request& request,
                             std::string_view epoch, const Sight* sight) {
  const Result<EventsWish, Fault> wish = read_events_wish(request, sight);
  if (!wish) return refused(wish.error());
  std::string body = R"({"epoch":)" + quote_json(epoch);
  body += R"(,"newest":)" + std::to_string(shown_id(newest_of(annotations, sight), sight)) +
          R"(,"items":[)";
  const auto [begin, end] = part_of(annotations, *wish);
  std::size_t items = 0;
  Place last;
  std::string next = "null";
  for (auto at = end; at != begin;) {
    --at;
    if (at->id <= wish->since || !sees(sight, *at->what)) continue;
    if (items == wish->limit || body.size() >= kAnnotationPageBytes) {
      next = quote_json(text_of(last, sight));
      break;
    }
    if (items++ > 0) body += ',';
    append_event(body, *at, sight);
    last = {at->what->time, at->id};
  }
  return json_answer(std::move(body) + R"(],"next":)" + next + '}');
}

http::Response answer_checks(const Annotations& annotations, const http::Request& request,
                             const Sight* sight) {
  const Result<std::size_t, Fault> limit = read_limit(request);
  if (!limit) return refused(limit.error());
  const Result<std::size_t, Fault> first = read_first(request);
  if (!first) return refused(first.error());
  std::vector<KeptAnnotationPtr> checks = annotations.checks;
  std::erase_if(checks, [&](const auto& check) { return !sees(sight, *check); });
  std::stable_sort(checks.begin(), checks.end(), [](const auto& a, const auto& b) {
    return rank_of(a->level) < rank_of(b->level);
  });
  std::string body = R"({"items":[)";
  std::size_t at = *first;
  for (; at < checks.size() && at - *first < *limit && body.size() < kAnnotationPageBytes; ++at) {
    if (at > *first) body += ',';
    append_check(body, *checks[at]);
  }
  body += R"(],"total":)" + std::to_string(checks.size()) + R"(,"next":)";
  return json_answer(std::move(body) +
                     (at < checks.size() ? quote_json(std::to_string(at)) : "null") + '}');
}

}  // namespace gateway::server
