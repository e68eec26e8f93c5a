#include "gateway/cli/answer_table.h"

#include <algorithm>
#include <utility>

#include "gateway/cli/json_fields.h"

namespace gateway::cli {
namespace {

using ingest::Failure;
using nlohmann::json;

Failure<std::string> broken(const std::string& what) {
  return {"the server's answer is not what this weir knows: " + what};
}

std::vector<std::string> texts_of(const json& list) {
  std::vector<std::string> texts;
  for (const json& one : list)
    texts.push_back(one.is_string() ? one.get<std::string>() : one.dump());
  return texts;
}

const json* array_at(const json& object, const char* name) {
  const json* found = member_at(object, name);
  return found != nullptr && found->is_array() ? found : nullptr;
}

bool is_as_long(const json& list, std::size_t size) {
  return list.is_array() && list.size() == size;
}

/// `c` is [field][row], and each row a list of as many texts as `by`.
bool is_shaped(const json& keys, const json& columns, std::size_t by, std::size_t fields) {
  const auto column = [&](const json& one) { return is_as_long(one, keys.size()); };
  const auto key = [&](const json& one) { return is_as_long(one, by); };
  return is_as_long(columns, fields) && std::ranges::all_of(columns, column) &&
         std::ranges::all_of(keys, key);
}

/// Which points have a mark, by row, then time: the rows of a snap, or [row, first, last] of a
/// range.
std::vector<bool> marked(const json& body, const char* mark, std::size_t times) {
  std::vector<bool> points(body["k"].size() * times);
  const json* marks = member_at(body, "m");
  const json* all = marks != nullptr && marks->is_object() ? array_at(*marks, mark) : nullptr;
  if (all == nullptr) return points;
  for (const json& one : *all) {
    const auto whole = [](const json& each) { return each.is_number_unsigned(); };
    const bool is_run = is_as_long(one, 3) && std::ranges::all_of(one, whole);
    if (!is_run && !one.is_number_unsigned()) continue;
    const std::size_t row = is_run ? one[0].get<std::size_t>() : one.get<std::size_t>();
    const std::size_t first = is_run ? one[1].get<std::size_t>() : 0;
    const std::size_t last = is_run ? one[2].get<std::size_t>() : 0;
    if (row >= body["k"].size() || last >= times) continue;
    for (std::size_t time = first; time <= last; ++time)
      points[row * times + time] = true;
  }
  return points;
}

}  // namespace

AnswerTable::Done AnswerTable::add(std::string_view body) {
  const json parsed = json::parse(body, nullptr, false);
  if (!parsed.is_object()) return broken("no JSON object");
  TRY(take_head(parsed));
  const json* keys = array_at(parsed, "k");
  const json* columns = array_at(parsed, "c");
  if (keys == nullptr || columns == nullptr ||
      !is_shaped(*keys, *columns, by_.size(), fields_.size()))
    return broken("k and c do not fit fields and by");
  return member_at(parsed, "ts") != nullptr ? add_range(parsed) : add_snap(parsed);
}

AnswerTable::Done AnswerTable::take_head(const json& body) {
  const json* fields = array_at(body, "fields");
  const json* by = array_at(body, "by");
  if (fields == nullptr || by == nullptr) return broken("no fields and by");
  fields_ = texts_of(*fields);
  by_ = texts_of(*by);
  next_ = text_at(body, "next");
  return {};
}

AnswerTable::Done AnswerTable::add_snap(const json& body) {
  const json* w = array_at(body, "w");
  if (w == nullptr || w->size() != 2 || !(*w)[0].is_number_integer() ||
      !(*w)[1].is_number_integer())
    return broken("no window");
  const auto end = (*w)[1].get<std::int64_t>();
  length_ = end - (*w)[0].get<std::int64_t>();
  const json& keys = body["k"];
  const std::vector<bool> stale = marked(body, "stale", 1);
  const std::vector<bool> overflow = marked(body, "overflow", 1);
  for (std::size_t row = 0; row < keys.size(); ++row) {
    json values = json::array();
    for (const json& column : body["c"])
      values.push_back(column[row]);
    add_row(end, {texts_of(keys[row]), std::move(values), stale[row], overflow[row]});
  }
  if (values_ > kValuesMax) return Failure{std::string{"the answer is too large to be shown"}};
  return {};
}

AnswerTable::Done AnswerTable::add_range(const json& body) {
  const json& times = body["ts"];
  const auto whole = [](const json& time) { return time.is_number_integer(); };
  if (!times.is_array() || !std::ranges::all_of(times, whole)) return broken("ts are no times");
  if (const json* window = member_at(body, "window");
      window != nullptr && window->is_number_integer())
    length_ = window->get<std::int64_t>();
  const json& keys = body["k"];
  const std::vector<bool> stale = marked(body, "stale", times.size());
  const std::vector<bool> overflow = marked(body, "overflow", times.size());
  for (std::size_t row = 0; row < keys.size(); ++row) {
    for (const json& column : body["c"])
      if (!is_as_long(column[row], times.size())) return broken("c does not fit ts");
    for (std::size_t time = 0; time < times.size(); ++time) {
      json values = json::array();
      for (const json& column : body["c"])
        values.push_back(column[row][time]);
      const std::size_t at = row * times.size() + time;
      add_row(times[time].get<std::int64_t>(),
              {texts_of(keys[row]), std::move(values), stale[at], overflow[at]});
    }
    if (values_ > kValuesMax) return Failure{std::string{"the answer is too large to be shown"}};
  }
  return {};
}

void AnswerTable::add_row(std::int64_t end, LiveTable::Row row) {
  auto& rows = windows_[end];
  const auto is_null = [](const json& value) { return value.is_null(); };
  if (!row.overflow && std::ranges::all_of(row.values, is_null)) return;
  values_ += row.values.size();
  rows.push_back(std::move(row));
}

std::size_t AnswerTable::rows() const {
  std::size_t rows = 0;
  for (const auto& [end, some] : windows_)
    rows += some.size();
  return rows;
}

}  // namespace gateway::cli
