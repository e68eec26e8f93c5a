#include "gateway/cli/live_table.h"

#include <utility>

#include "gateway/cli/json_fields.h"

namespace gateway::cli {
namespace {

using ingest::Failure;
using nlohmann::json;

const json* array_at(const json& object, const char* name) {
  const json* found = member_at(object, name);
  return found != nullptr && found->is_array() ? found : nullptr;
}
std::optional<std::uint64_t> as_number(const json& value) {
  if (!value.is_number_unsigned()) return std::nullopt;
  return value.get<std::uint64_t>();
}
std::optional<std::uint64_t> number_at(const json& object, const char* name) {
  const json* found = member_at(object, name);
  return found == nullptr ? std::nullopt : as_number(*found);
}

std::optional<std::vector<std::string>> texts_at(const json& object, const char* name) {
  const json* found = array_at(object, name);
  if (found == nullptr) return std::nullopt;
  std::vector<std::string> texts;
  for (const json& one : *found)
    texts.push_back(one.is_string() ? one.get<std::string>() : one.is_null() ? "" : one.dump());
  return texts;
}

std::optional<LiveTable::Window> window_of(const json& message) {
  const json* w = array_at(message, "w");
  if (w == nullptr || w->size() != 2 || !(*w)[0].is_number_integer() ||
      !(*w)[1].is_number_integer()) {
    return std::nullopt;
  }
  return LiveTable::Window{(*w)[0].get<std::int64_t>(), (*w)[1].get<std::int64_t>()};
}

std::optional<std::vector<std::uint64_t>> indexes_at(const json& object, const char* name) {
  const json* found = array_at(object, name);
  if (found == nullptr) return std::nullopt;
  std::vector<std::uint64_t> indexes;
  for (const json& one : *found) {
    const auto index = as_number(one);
    if (!index) return std::nullopt;
    indexes.push_back(*index);
  }
  return indexes;
}

/// `c` is [field][row]: each row's values as an array. nullopt where it has another shape.
std::optional<std::vector<json>> rows_of(const json& message, std::size_t fields,
                                         std::size_t rows) {
  const json* columns = array_at(message, "c");
  if (columns == nullptr || columns->size() != fields) return std::nullopt;
  std::vector<json> values(rows, json::array());
  for (const json& column : *columns) {
    if (!column.is_array() || column.size() != rows) return std::nullopt;
    for (std::size_t row = 0; row < rows; ++row)
      values[row].push_back(column[row]);
  }
  return values;
}

Failure<std::string> broken(const char* what) {
  return {std::string{"the server broke the subscription protocol: "} + what};
}

}  // namespace

LiveTable::Applied LiveTable::apply(const json& message) {
  if (!message.is_object()) return broken("a message that is no JSON object");
  const std::string type = text_at(message, "t");
  if (type == "subd") return subscribed(message);
  if (!ch_ || number_at(message, "ch") != ch_) return Change{};
  if (type == "snap") return snap(message);
  if (type == "u") return update(message);
  if (type == "gap") return gap();
  return Change{};
}

void LiveTable::forget() {
  known_ = false;
  ch_.reset();
  parts_.clear();
}

std::optional<LiveTable::Position> LiveTable::position() const {
  if (!known_ || !ch_) return std::nullopt;
  return Position{epoch_, *ch_, s_};
}

LiveTable::Applied LiveTable::subscribed(const json& message) {
  auto fields = texts_at(message, "fields");
  auto by = texts_at(message, "by");
  const auto ch = number_at(message, "ch");
  if (!fields || !by || !ch) return broken("subd without ch, fields and by");
  const bool replay = text_at(message, "mode") == "replay";
  if (!replay || ch != ch_ || *fields != fields_) {
    known_ = false;
    parts_.clear();
  }
  if (*fields != fields_ || *by != by_) rows_.clear();  // they would stand in wrong columns
  epoch_ = text_at(message, "epoch");
  ch_ = ch;
  fields_ = *std::move(fields);
  by_ = *std::move(by);
  return Change{};
}

LiveTable::Applied LiveTable::snap(const json& message) {
  const json* part = array_at(message, "part");
  if (part == nullptr) {
    parts_.clear();
    return whole_snap({message});
  }
  if (part->size() != 2) return broken("a part of a snapshot without its number");
  const std::uint64_t number = as_number((*part)[0]).value_or(0);
  const std::uint64_t of = as_number((*part)[1]).value_or(0);
  if (number == 0 || of > kPartsMax) return broken("a part of a snapshot without its number");
  if (number == 1) parts_.clear();
  if (number != parts_.size() + 1 || number > of)
    return broken("the parts of a snapshot out of order");
  parts_.push_back(message);
  if (number < of) return Change{};
  return whole_snap(std::exchange(parts_, {}));
}

LiveTable::Applied LiveTable::whole_snap(const std::vector<json>& parts) {
  const json& last = parts.back();
  const auto s = number_at(last, "s");
  const auto window = window_of(last);
  if (!s || !window) return broken("a snapshot without s or w");
  rows_.clear();
  for (const json& part : parts) {
    if (!add_part(part)) return broken("a snapshot whose columns do not fit");
  }
  if (number_at(last, "n") != rows_.size()) return broken("a snapshot with another n than rows");
  known_ = true;
  s_ = *s;
  window_ = *window;
  Change change{
      .kind = Change::Kind::Table, .window = window_, .final = false, .rev = {}, .rows = {}};
  for (const auto& [index, row] : rows_)
    change.rows.push_back(row);
  return change;
}

bool LiveTable::add_part(const json& part) {
  const json* keys = array_at(part, "k");
  if (keys == nullptr || rows_.size() + keys->size() > kRowsMax) return false;
  const auto values = rows_of(part, fields_.size(), keys->size());
  const auto indexes = indexes_at(part, "i");
  if (!values || (indexes && indexes->size() != keys->size())) return false;
  for (std::size_t row = 0; row < keys->size(); ++row) {
    const json one{{"k", (*keys)[row]}};
    auto key = texts_at(one, "k");
    if (!key || key->size() != by_.size()) return false;
    const std::uint64_t index = indexes ? (*indexes)[row] : row;
    if (!rows_.emplace(index, Row{*std::move(key), (*values)[row]}).second) return false;
  }
  return true;
}

LiveTable::Applied LiveTable::update(const json& message) {
  if (!known_) return broken("an update before its snapshot");
  const auto window = window_of(message);
  if (number_at(message, "s") != s_ + 1) return broken("a hole that no gap told of");
  if (!window) return broken("an update without w");
  ++s_;
  Change change{
      .kind = Change::Kind::Table, .window = *window, .final = false, .rev = {}, .rows = {}};
  change.final = member_at(message, "f") != nullptr;
  change.rev = number_at(message, "rev");
  if (change.final || change.rev) return correct(message, std::move(change));

  if (!remove_and_add(message)) return broken("rows removed or added that cannot be");
  const auto indexes = indexes_at(message, "i");
  if (!indexes) return broken("an update without i");
  const auto values = rows_of(message, fields_.size(), indexes->size());
  if (!values) return broken("an update whose columns do not fit");
  const bool moved = *window != window_;
  window_ = *window;
  for (std::size_t row = 0; row < indexes->size(); ++row) {
    const auto found = rows_.find((*indexes)[row]);
    if (found == rows_.end()) return broken("an update of a row that is not there");
    found->second.values = (*values)[row];
    if (!moved) change.rows.push_back(found->second);
  }
  if (number_at(message, "n") != rows_.size()) return broken("an update with another n than rows");
  for (const auto& [index, row] : rows_) {
    if (moved) change.rows.push_back(row);
  }
  return change;
}

/// Of an earlier window: never touches the table. Rows that are not known are ignored.
LiveTable::Applied LiveTable::correct(const json& message, Change change) {
  change.kind = Change::Kind::Correction;
  const auto indexes = indexes_at(message, "i");
  if (!indexes) return broken("a correction without i");
  const auto values = rows_of(message, fields_.size(), indexes->size());
  if (!values) return broken("a correction whose columns do not fit");
  for (std::size_t row = 0; row < indexes->size(); ++row) {
    const auto found = rows_.find((*indexes)[row]);
    if (found != rows_.end()) change.rows.push_back({found->second.key, (*values)[row]});
  }
  return change;
}

bool LiveTable::remove_and_add(const json& message) {
  if (member_at(message, "x") != nullptr) {
    const auto removed = indexes_at(message, "x");
    if (!removed) return false;
    for (const std::uint64_t index : *removed) {
      if (rows_.erase(index) == 0) return false;
    }
  }
  const json* added = member_at(message, "d");
  if (added == nullptr) return true;
  if (!added->is_object()) return false;
  const auto indexes = indexes_at(*added, "i");
  const json* keys = array_at(*added, "k");
  if (!indexes || keys == nullptr || keys->size() != indexes->size()) return false;
  if (rows_.size() + keys->size() > kRowsMax) return false;
  for (std::size_t row = 0; row < keys->size(); ++row) {
    auto key = texts_at(json{{"k", (*keys)[row]}}, "k");
    if (!key || key->size() != by_.size()) return false;
    json nothing(fields_.size(), nullptr);
    if (!rows_.emplace((*indexes)[row], Row{*std::move(key), std::move(nothing)}).second)
      return false;
  }
  return true;
}

LiveTable::Applied LiveTable::gap() {
  ++gaps_;
  known_ = false;
  Change change;
  change.kind = Change::Kind::Gap;
  return change;
}

}  // namespace gateway::cli
