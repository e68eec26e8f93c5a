#include "gateway/server/unusual_api.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "gateway/publish/number_text.h"
#include "gateway/server/answer.h"
#include "gateway/server/answer_cache.h"
#include "gateway/server/discovery_api.h"
#include "gateway/server/fault_answer.h"
#include "gateway/server/query_fault.h"
#include "gateway/server/series_judge.h"
#include "gateway/server/tags_column.h"
#include "ingest/query/cost.h"
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

constexpr Millis kWindow{10'000};
constexpr int kStepsAWindow = 5;
constexpr int kBaselineWindows = 4;
constexpr int kTicksBehind = 2;  // the newest window is whole once the tick after its end is done
constexpr int kPagesMax = 100;

/// Each kind's usual stat, and by which one it is known whether anything came.
struct Usual {
  std::string_view kind;
  std::string_view stat;
  std::string_view count;
};
constexpr std::array kUsual{Usual{"counter", "rate", "count"}, Usual{"gauge", "last", "count"},
                            Usual{"timer", "p99", "count"}, Usual{"set", "distinct", "distinct"}};

Result<std::size_t, Fault> read_limit(const Request& request) {
  const auto text = request.query_parameter("limit");
  if (!text) return kUnusualDefault;
  std::size_t limit = 0;
  const auto [end, fault] = std::from_chars(text->data(), text->data() + text->size(), limit);
  if (fault == std::errc{} && end == text->data() + text->size() && limit > 0 &&
      limit <= kUnusualMax)
    return limit;
  return Failure{Fault{Code::ProtoBadField,
                       "limit: want an integer from 1 to " + std::to_string(kUnusualMax), false}};
}

enum class Rows : std::uint8_t { Series, Metrics };

/// Every series of its own, or whole metrics, in windows that fit the pane.
Result<Query, Fault> query_of(Rows rows, const AnswerContext& context) {
  const auto& limits = context.site.settings.rules.commands.query;
  const Millis window = std::max(kWindow, limits.pane > kWindow / 2 ? 4 * limits.pane : kWindow);
  const Millis step = window / kStepsAWindow;
  const bool fits = step % limits.pane == Millis{0} && window % step == Millis{0};
  json query{{"metric", "**"},
             {"stats", json::array({"rate", "last", "p99", "distinct", "count"})},
             {"window", window.count()},
             {"slide", (fits ? step : limits.pane).count()}};
  if (rows == Rows::Series) query["by"] = json::array({"@tags"});
  Query parsed = TRY(ingest::query::parse_query(query.dump(), limits));
  ingest::query::restrict(parsed, allowed_to(context));
  return parsed;
}

struct Item {
  std::string metric;
  std::string kind;
  std::string_view stat;
  std::vector<Tag> tags;
  Judgement judged;
};

std::string number(std::optional<double> value) {
  if (!value) return "null";
  return std::string{publish::number_text(*value, publish::Digits::Six).view()};
}

std::string_view state_name(Judgement::State state) {
  switch (state) {
    case Judgement::State::High:
      return "high";
    case Judgement::State::Low:
      return "low";
    case Judgement::State::Silent:
      return "silent";
  }
  return "";
}

std::string item_text(const Item& item) {
  using http::quote_json;
  std::string out = R"({"metric":)" + quote_json(item.metric);
  out += R"(,"kind":)" + quote_json(item.kind) + R"(,"tags":{)";
  for (const auto& [key, value] : item.tags) {
    if (!out.ends_with('{')) out += ',';
    out += quote_json(key) + ':' + quote_json(value);
  }
  const Judgement& judged = item.judged;
  out += R"(},"stat":)" + quote_json(item.stat);
  out += R"(,"value":)" + number(judged.value);
  out += R"(,"baseline":)" + number(judged.baseline);
  out += R"(,"ratio":)" + number(judged.ratio);
  out += R"(,"z":)" + number(judged.z);
  out += R"(,"since":)";
  out += judged.since ? std::to_string(ingest::to_ms(*judged.since)) : "null";
  return out + R"(,"state":)" + quote_json(state_name(judged.state)) + '}';
}

/// One look at everything, page after page.
class Look : public std::enable_shared_from_this<Look> {
 public:
  struct Wanted {
    Query query;
    std::size_t limit = 0;
    WallTime end;
    std::string key;  // in the cache
  };
  Look(Wanted wanted, const AnswerContext& context)
      : wanted_(std::move(wanted)),
        cache_(*context.site.unusual),
        bounds_(auth::bounds_of(context.rights)) {}

  Question next_question() {
    const Query& query = wanted_.query;
    const RangeAsk ask{query, wanted_.end - kBaselineWindows * query.window - query.slide,
                       wanted_.end, query.slide, cursor_};
    const auto respond = [self = shared_from_this()](const publish::Answer& answer) {
      return self->take(answer);
    };
    return {.what = ask, .respond = respond, .bounds = bounds_};
  }

 private:
  Outcome take(const publish::Answer& answer) {
    const auto* page = std::get_if<RangeAnswerPtr>(&answer);
    const bool asked = page != nullptr && *page != nullptr;
    if (!asked || !**page) {
      cache_.give_up(wanted_.key);
      return asked ? refused((*page)->error())
                   : refused({Code::ServerInternal, "an answer to another question", false});
    }
    add(***page);
    cursor_ = (**page)->next;
    if (!cursor_.empty() && ++pages_ < kPagesMax) return next_question();
    auto body = std::make_shared<const std::string>(text());
    cache_.keep(wanted_.key, body);
    return json_answer(*body);
  }

  void add(const RangePage& page) {
    if (page.times.empty()) return;
    const auto column = [&](std::string_view name) {
      return static_cast<std::size_t>(std::ranges::find(page.by, name) - page.by.begin());
    };
    const std::size_t metric = column(ingest::query::kMetricColumn);
    const std::size_t kind = column(ingest::query::kKindColumn);
    const std::size_t tags = column(ingest::query::kTagsColumn);
    for (std::size_t row = 0; row < page.keys.size(); ++row) {
      const std::vector<std::string>& key = page.keys[row];
      if (metric >= key.size() || kind >= key.size()) return;
      const auto* const usual = std::ranges::find(kUsual, key[kind], &Usual::kind);
      if (usual == kUsual.end()) continue;
      const auto judged = judge({.times = page.times,
                                 .values = course(page, row, usual->stat),
                                 .counts = course(page, row, usual->count),
                                 .window = page.window,
                                 .step = page.step});
      if (!judged) continue;
      std::vector<Tag> named;
      if (tags < key.size()) named = read_tags_column(key[tags]);
      keep({key[metric], key[kind], usual->stat, std::move(named), *judged});
    }
  }

  std::span<const double> course(const RangePage& page, std::size_t row,
                                 std::string_view stat) const {
    const auto fields = ingest::query::fields(wanted_.query);
    const auto field = std::ranges::find(fields, stat, &ingest::query::Field::name);
    const auto at = static_cast<std::size_t>(field - fields.begin());
    return std::span{page.values}.subspan((at * page.keys.size() + row) * page.times.size(),
                                          page.times.size());
  }

  /// The most unusual first; of equals those that came first.
  void keep(Item item) {
    const auto place =
        std::ranges::upper_bound(items_, item.judged.weight(), std::greater<>{},
                                 [](const Item& other) { return other.judged.weight(); });
    items_.insert(place, std::move(item));
    if (items_.size() > wanted_.limit) items_.pop_back();
  }

  std::string text() const {
    std::string out = R"({"items":[)";
    for (const Item& item : items_) {
      if (!out.ends_with('[')) out += ',';
      out += item_text(item);
    }
    return out + R"(],"at":)" + std::to_string(ingest::to_ms(wanted_.end)) + '}';
  }

  Wanted wanted_;
  AnswerCache& cache_;
  ingest::query::Bounds bounds_;
  std::vector<Item> items_;
  std::string cursor_;
  int pages_ = 0;
};

}  // namespace

Reply answer_unusual(const Request& request, std::string_view /*rest*/,
                     const AnswerContext& context) {
  static const ingest::query::Catalogue kEmpty;
  const auto limit = read_limit(request);
  if (!limit) return refused(limit.error());
  auto query = query_of(Rows::Series, context);
  if (!query) return refused(query.error());
  const auto& catalogue = context.catalogue == nullptr ? kEmpty : *context.catalogue;
  const std::uint64_t series = ingest::query::series_matched(*query, catalogue);
  if (series > kUnusualSeriesMax) query = query_of(Rows::Metrics, context);
  if (!query) return refused(query.error());

  std::string key = std::to_string(*limit) + '\n' + ingest::query::canonical_text(*query);
  const Millis fresh_for{1'000 * std::max<std::uint64_t>(series / kUnusualSeriesASecond, 1)};
  const AnswerCache::Found found = context.site.unusual->find(key, context.mono, fresh_for);
  if (found.is == AnswerCache::Is::Fresh) return json_answer(*found.body);
  const WallTime newest = context.now - kTicksBehind * context.site.settings.rules.tick;
  const WallTime end{newest.time_since_epoch() / query->slide * query->slide};
  return std::make_shared<Look>(Look::Wanted{*std::move(query), *limit, end, std::move(key)},
                                context)
      ->next_question();
}

}  // namespace gateway::server
