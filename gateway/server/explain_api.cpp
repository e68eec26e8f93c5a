#include "gateway/server/explain_api.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "gateway/publish/number_text.h"
#include "gateway/server/answer.h"
#include "gateway/server/box_shares.h"
#include "gateway/server/discovery_api.h"
#include "gateway/server/fault_answer.h"
#include "gateway/server/query_fault.h"
#include "gateway/server/query_wish.h"
#include "ingest/query/past.h"

namespace gateway::server {
namespace {

using http::Request;
using ingest::Failure;
using ingest::Millis;
using ingest::Result;
using ingest::WallTime;
using ingest::query::Code;
using ingest::query::Fault;
using ingest::query::Query;
using ingest::query::RangeAnswerPtr;
using ingest::query::RangeAsk;
using ingest::query::RangePage;
using nlohmann::json;

/// A box is looked at in windows as long as there may be; of a longer box nobody sees the columns.
constexpr int kWindowsMax = 36;
/// Of one window: as many series as limits.rows allows come by a thousand or so.
constexpr int kPagesMax = 100;

Failure<Fault> bad(std::string msg) {
  return Failure{Fault{Code::ProtoBadField, std::move(msg), false}};
}

Result<std::optional<double>, Fault> read_value(const Request& request, const char* name) {
  const auto text = request.query_parameter(name);
  if (!text) return std::optional<double>{};
  double value = 0;
  const auto [end, fault] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (fault != std::errc{} || end != text->data() + text->size() || !std::isfinite(value))
    return bad(std::string{name} + ": want a number");
  return std::optional{value};
}

Result<ValueBand, Fault> read_band(const Request& request) {
  constexpr double kEnd = std::numeric_limits<double>::max();
  const auto low = TRY(read_value(request, "low"));
  const auto high = TRY(read_value(request, "high"));
  if (!low && !high) return bad("low: which values? want low, high or both");
  const ValueBand band{low.value_or(-kEnd), high.value_or(kEnd)};
  if (band.low > band.high) return bad("low: is above high");
  return band;
}

constexpr int kTicksBehind = 2;  // the newest pane is whole once the tick after its end is done

/// [start, end) in whole panes; empty where none of them is over yet.
struct Span {
  WallTime start;
  WallTime end;
};

Result<Span, Fault> read_span(const Request& request, const AnswerContext& context) {
  const auto& limits = context.site.settings.rules.commands.query;
  const Millis pane = limits.pane;
  const auto start = TRY(read_time(request, "start"));
  if (!start) return bad("start: missing; want ms since 1970, as 1764000000000");
  const WallTime end = TRY(read_time(request, "end")).value_or(context.now);
  if (end <= *start) return bad("end: is not after start");
  const auto floor = [&](WallTime time) { return WallTime{time.time_since_epoch() / pane * pane}; };
  const WallTime newest = floor(context.now - kTicksBehind * context.site.settings.rules.tick);
  const WallTime from = floor(*start);
  const Span span{from, std::max(from, std::min(floor(end + pane - Millis{1}), newest))};
  if (span.end - span.start > kWindowsMax * limits.window_max)
    return bad("start: a box may be " + std::to_string(kWindowsMax) +
               " times as long as the longest window");
  return span;
}

/// Every series of its own, with nothing but its buckets.
Result<Query, Fault> read_series(const Request& request, const AnswerContext& context) {
  const auto metric = request.query_parameter("metric");
  if (!metric || metric->empty()) return bad("metric: missing; want the name of a timer");
  json where = json::array();
  if (const auto text = request.query_parameter("where")) {
    where = json::parse(*text, nullptr, false);
    if (!where.is_array()) return bad("where: want a list of matchers as JSON");
  }
  where.push_back(json::array({"@kind", "=", "timer"}));
  const std::int64_t pane_ms = context.site.settings.rules.commands.query.pane.count();
  const json query{{"metric", *metric},
                   {"where", where},
                   {"window", pane_ms},
                   {"slide", pane_ms},
                   {"by", json::array({"@tags"})},
                   {"stats", json::array({"buckets"})}};
  Query parsed =
      TRY(ingest::query::parse_query(query.dump(-1, ' ', false, json::error_handler_t::replace),
                                     context.site.settings.rules.commands.query));
  ingest::query::restrict(parsed, allowed_to(context));
  return parsed;
}

/// One box on its way: what was counted, and what is left to ask.
class Inquiry : public std::enable_shared_from_this<Inquiry> {
 public:
  Inquiry(Query query, Span span, ValueBand band, const AnswerContext& context)
      : query_(std::move(query)),
        span_(span),
        at_(span.start),
        pane_(context.site.settings.rules.commands.query.pane),
        window_max_(context.site.settings.rules.commands.query.window_max / pane_ * pane_),
        bounds_(auth::bounds_of(context.rights)),
        shares_(band) {}

  Reply begin() {
    if (at_ < span_.end) return next_question();
    return json_answer(text());
  }

 private:
  /// The page that is due.
  Question next_question() {
    const WallTime end = std::min(at_ + window_max_, span_.end);
    RangeAsk ask{query_, end - pane_, end, pane_, cursor_};
    ask.query.window = end - at_;
    ask.query.slide = pane_;
    const auto respond = [self = shared_from_this()](const publish::Answer& answer) {
      return self->take(answer);
    };
    return {.what = std::move(ask), .respond = respond, .bounds = bounds_};
  }

  Outcome take(const publish::Answer& answer) {
    const auto* page = std::get_if<RangeAnswerPtr>(&answer);
    if (page == nullptr || *page == nullptr)
      return refused({Code::ServerInternal, "an answer to another question", false});
    if (!**page) return refused((*page)->error());
    add(***page);
    cursor_ = (**page)->next;
    if (!cursor_.empty() && ++pages_ < kPagesMax) return next_question();
    pages_ = 0;
    cursor_.clear();
    at_ = std::min(at_ + window_max_, span_.end);
    if (at_ < span_.end) return next_question();
    return json_answer(text());
  }

  void add(const RangePage& page) {
    const auto column = std::ranges::find(page.by, ingest::query::kTagsColumn);
    if (page.times.empty() || column == page.by.end()) return;
    const auto at = static_cast<std::size_t>(column - page.by.begin());
    for (std::size_t row = 0; row < page.keys.size(); ++row) {
      const double list = page.values[(row + 1) * page.times.size() - 1];
      if (std::isnan(list)) continue;
      const std::span lists{page.lists};
      shares_.add(read_tags_column(page.keys[row][at]),
                  lists.subspan(static_cast<std::size_t>(list)));
    }
  }

  std::string text() const {
    const BoxShares::Found found = shares_.finish();
    std::string out = R"({"inside":)" + number(found.inside);
    out += R"(,"outside":)" + number(found.outside);
    out += R"(,"start":)" + std::to_string(ingest::to_ms(span_.start));
    out += R"(,"end":)" + std::to_string(ingest::to_ms(span_.end)) + R"(,"items":[)";
    for (const BoxShares::Item& item : found.items) {
      if (!out.ends_with('[')) out += ',';
      out += R"({"key":)" + http::quote_json(item.key);
      out += R"(,"value":)" + http::quote_json(item.value);
      out += R"(,"inside":)" + number(item.inside);
      out += R"(,"outside":)" + number(item.outside);
      out += R"(,"lift":)" + number(item.lift) + '}';
    }
    out += ']';
    if (found.left_out) out += R"(,"left_out":true)";
    return out + '}';
  }
  static std::string number(double value) {
    return std::string{publish::number_text(value, publish::Digits::Six).view()};
  }

  Query query_;
  Span span_;
  WallTime at_;  // where the window that is asked begins
  Millis pane_;
  Millis window_max_;
  ingest::query::Bounds bounds_;
  BoxShares shares_;
  std::string cursor_;
  int pages_ = 0;  // of this window
};

}  // namespace

Reply answer_explain(const Request& request, std::string_view /*rest*/,
                     const AnswerContext& context) {
  auto query = read_series(request, context);
  if (!query) return refused(query.error());
  const auto span = read_span(request, context);
  if (!span) return refused(span.error());
  const auto band = read_band(request);
  if (!band) return refused(band.error());
  return std::make_shared<Inquiry>(*std::move(query), *span, *band, context)->begin();
}

}  // namespace gateway::server
