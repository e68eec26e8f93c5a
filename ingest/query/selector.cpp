#include "ingest/query/selector.h"

#include <algorithm>

#include "ingest/query/columns.h"

namespace ingest::query {
namespace {

void append_escaped(std::string_view text, std::string& out) {
  for (const char c : text) {
    if (c == ',' || c == '=' || c == '\\') out += '\\';
    out += c;
  }
}

}  // namespace

Result<Selector, Fault> Selector::compile(const Query& query) {
  Selector selector;
  selector.metric_ = query.metric;
  if (query.is_glob()) selector.glob_.emplace(query.metric);
  selector.joined_ = joined_metrics(query);
  selector.by_ = query.by;
  selector.without_ = query.without;
  selector.where_ = TRY(Where::compile(query.where));
  return selector;
}

bool Selector::is_named(std::string_view name) const {
  if (!joined_.empty()) return std::ranges::binary_search(joined_, name, std::less<>{});
  return glob_ ? glob_->matches(name) : name == metric_;
}

bool Selector::matches(const model::SeriesKey& series) const {
  return is_named(series.name()) && where_.holds(series);
}

std::vector<std::string> Selector::row_key(const model::SeriesKey& series) const {
  std::vector<std::string> key;
  key.reserve(by_.size());
  for (const std::string& name : by_) {
    if (name == kTagsColumn) {
      key.push_back(tags_text(series));
    } else {
      key.emplace_back(value_of(series, name));
    }
  }
  return key;
}

std::string Selector::tags_text(const model::SeriesKey& series) const {
  std::string text;
  for (const auto& [name, value] : series.tags()) {
    if (std::ranges::binary_search(without_, name, std::less<>{})) continue;
    if (!text.empty()) text += ',';
    append_escaped(name, text);
    text += '=';
    append_escaped(value, text);
  }
  return text;
}

std::size_t Selector::part(const model::SeriesKey& series) const {
  if (joined_.empty()) return 0;
  const auto found = std::ranges::lower_bound(joined_, series.name(), std::less<>{});
  return static_cast<std::size_t>(found - joined_.begin());
}

}  // namespace ingest::query
