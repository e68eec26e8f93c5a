#include "gateway/boards/document.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>

#include "gateway/publish/boards.h"
#include "ingest/query/echo.h"
#include "ingest/query/query.h"
#include "ingest/query/stat.h"

namespace gateway::boards {
namespace {

using ingest::Failure;
using ingest::Result;
using ingest::query::echoed;
using Json = nlohmann::json;
using Checked = Result<void, std::string>;

constexpr std::size_t kMetricBytesMax = 255;
constexpr std::size_t kTagsMax = 8;  // of `by`
constexpr std::array<std::string_view, 4> kKinds{"line", "heatmap", "bars", "number"};

Failure<std::string> bad(const std::string& place, std::string_view what) {
  return Failure{place + ": " + std::string{what}};
}

/// Null where it is absent, which null says, too.
const Json* find(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

const std::string* text_in(const Json* value) {
  return value == nullptr ? nullptr : value->get_ptr<const std::string*>();
}

Checked check_title(const Json* title, const std::string& place) {
  const std::string* text = text_in(title);
  if (text == nullptr || text->size() > kTitleBytesMax)
    return bad(place, "want a text of at most " + std::to_string(kTitleBytesMax) + " bytes");
  return {};
}

Result<int, std::string> read_cell(const Json& card, const char* name, const std::string& place) {
  const Json* value = find(card, name);
  const bool fits =
      value != nullptr && value->is_number_integer() && *value >= 0 && *value <= kRowsMax;
  if (!fits) return bad(place + name, "want an integer from 0 to " + std::to_string(kRowsMax));
  return value->get<int>();
}

Checked check_place(const Json& card, const std::string& place) {
  const int x = TRY(read_cell(card, "x", place));
  const int y = TRY(read_cell(card, "y", place));
  const int w = TRY(read_cell(card, "w", place));
  const int h = TRY(read_cell(card, "h", place));
  if (w == 0) return bad(place + "w", "want at least 1");
  if (h == 0) return bad(place + "h", "want at least 1");
  if (x + w > kColumns) return bad(place + "w", "x + w is more than 12, the columns of the grid");
  if (y + h > kRowsMax) return bad(place + "h", "y + h is more than " + std::to_string(kRowsMax));
  return {};
}

Checked check_by(const Json* by, const std::string& place) {
  if (by == nullptr) return {};
  if (!by->is_array() || by->size() > kTagsMax)
    return bad(place, "want a list of at most " + std::to_string(kTagsMax) + " tags");
  for (const Json& tag : *by) {
    const std::string* name = text_in(&tag);
    if (name == nullptr || name->empty()) return bad(place, "holds what is no name of a tag");
  }
  return {};
}

/// Its fault names its own place: where[1].
Checked check_where(const Json* where, const std::string& place) {
  if (where == nullptr) return {};
  const auto matchers = ingest::query::parse_matchers(where->dump(), {});
  if (!matchers) return Failure{place + matchers.error().msg};
  return {};
}

Checked check_number(const Json& object, const char* name, const std::string& place) {
  const Json* value = find(object, name);
  if (value == nullptr || (value->is_number() && std::isfinite(value->get<double>()))) return {};
  return bad(place + name, "want a number");
}

Checked check_threshold(const Json* threshold, const std::string& place) {
  if (threshold == nullptr) return {};
  if (!threshold->is_object())
    return bad(place, R"(want an object, as {"warn":200,"crit":500,"above":true})");
  TRY(check_number(*threshold, "warn", place + '.'));
  TRY(check_number(*threshold, "crit", place + '.'));
  const Json* above = find(*threshold, "above");
  if (above != nullptr && !above->is_boolean()) return bad(place + ".above", "want true or false");
  return {};
}

/// What it shows.
Checked check_view(const Json& card, const std::string& place) {
  const std::string* metric = text_in(find(card, "metric"));
  if (metric == nullptr || metric->empty() || metric->size() > kMetricBytesMax)
    return bad(place + "metric", "want the name of a metric");
  const std::string* stat = text_in(find(card, "stat"));
  if (stat == nullptr) return bad(place + "stat", "want a stat, as p99");
  if (!ingest::query::parse_stat(*stat))
    return bad(place + "stat", "unknown stat " + echoed(*stat));
  const std::string* kind = text_in(find(card, "kind"));
  if (kind == nullptr || std::ranges::find(kKinds, *kind) == kKinds.end())
    return bad(place + "kind", "want line, heatmap, bars or number");
  return {};
}

Checked check_card(const Json& card, const std::string& name) {
  if (!card.is_object()) return bad(name, "want an object");
  const std::string place = name + '.';
  TRY(check_place(card, place));
  TRY(check_view(card, place));
  if (const Json* title = find(card, "title")) TRY(check_title(title, place + "title"));
  TRY(check_by(find(card, "by"), place + "by"));
  TRY(check_where(find(card, "where"), place));
  return check_threshold(find(card, "threshold"), place + "threshold");
}

}  // namespace

Result<std::string, std::string> check_document(std::string_view text) {
  if (text.size() > publish::kBoardBytesMax) return Failure{std::string{"longer than 256 KiB"}};
  const Json board = Json::parse(text, nullptr, false);
  if (!board.is_object()) return Failure{std::string{"want a JSON object"}};
  TRY(check_title(find(board, "title"), "title"));
  const Json* cards = find(board, "cards");
  if (cards == nullptr || !cards->is_array() || cards->size() > kCardsMax)
    return bad("cards", "want a list of at most " + std::to_string(kCardsMax) + " cards");
  for (std::size_t i = 0; i < cards->size(); ++i)
    TRY(check_card((*cards)[i], "cards[" + std::to_string(i) + ']'));
  return *text_in(find(board, "title"));
}

}  // namespace gateway::boards
