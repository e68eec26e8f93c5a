#include "gateway/tools/data_rows.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

#include "ingest/codec/line_writer.h"

namespace gateway::tools {
namespace {

using ingest::Error;
using ingest::Failure;
using ingest::Millis;
using ingest::Result;
using ingest::codec::Reading;
using ingest::model::Kind;
using Json = nlohmann::ordered_json;  // fields in the order of the file

// Milliseconds since the epoch, of 1973 to 5138: smaller numbers are measurements.
constexpr double kTimeLeast = 1e11;
constexpr double kTimeMost = 1e14;

/// The number that `text` begins with, of exactly so many digits; it is taken away.
std::optional<unsigned> take_digits(std::string_view& text, std::size_t count) {
  unsigned number = 0;
  if (text.size() < count) return std::nullopt;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + count, number);
  if (fault != std::errc{} || end != text.data() + count) return std::nullopt;
  text.remove_prefix(count);
  return number;
}

bool take_one_of(std::string_view& text, std::string_view allowed) {
  if (text.empty() || allowed.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

/// "21:55" or "21:55:09", to the end.
std::optional<Millis> read_time_of_day(std::string_view text) {
  const auto hour = take_digits(text, 2);
  if (!hour || !take_one_of(text, ":")) return std::nullopt;
  const auto minute = take_digits(text, 2);
  std::optional<unsigned> second = 0;
  if (take_one_of(text, ":")) second = take_digits(text, 2);
  take_one_of(text, "Z");
  const bool good = minute && second && text.empty() && *hour < 24 && *minute < 60 && *second < 60;
  if (!good) return std::nullopt;
  return std::chrono::hours{*hour} + std::chrono::minutes{*minute} + std::chrono::seconds{*second};
}

std::optional<Millis> time_of(const Json& value) {
  if (value.is_string()) return read_date(value.get_ref<const std::string&>());
  if (!value.is_number()) return std::nullopt;
  const auto number = value.get<double>();
  if (number < kTimeLeast || number > kTimeMost) return std::nullopt;
  return Millis{static_cast<std::int64_t>(number)};
}

std::string text_of(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

/// What one field is in all rows.
struct Column {
  std::size_t times = 0;
  std::size_t numbers = 0;
  std::size_t texts = 0;
  std::size_t others = 0;
  std::set<std::string> different;

  void take(const Json& value) {
    if (value.is_null()) return;
    if (time_of(value)) {
      ++times;
    } else if (value.is_number()) {
      ++numbers;
    } else if (value.is_string() || value.is_boolean()) {
      ++texts;
      if (different.size() <= DataRows::kTagValuesMax) different.insert(text_of(value));
    } else {
      ++others;
    }
  }
  bool is_time() const { return times > 0 && numbers + texts + others == 0; }
  bool is_value() const { return numbers > 0 && times + texts + others == 0; }
  bool is_tag() const {
    return texts > 0 && times + numbers + others == 0 &&
           different.size() <= DataRows::kTagValuesMax;
  }
};

/// Which fields are what, in the order of the file.
struct Columns {
  std::string time;
  std::vector<std::string> values;
  std::vector<std::string> tags;
};

std::vector<const Json*> rows_of(const Json& all) {
  const auto is_list = [](const Json& member) { return member.is_array(); };
  const auto list = all.is_array() ? all.begin() : std::find_if(all.begin(), all.end(), is_list);
  std::vector<const Json*> rows;
  if (!all.is_array() && (!all.is_object() || list == all.end())) return rows;
  for (const Json& each : all.is_array() ? all : *list) {
    const auto inside = each.find("properties");
    const Json& row = each.is_object() && inside != each.end() ? *inside : each;
    if (row.is_object()) rows.push_back(&row);
  }
  return rows;
}

Columns columns_of(const std::vector<const Json*>& rows) {
  std::vector<std::pair<std::string, Column>> columns;
  std::map<std::string, std::size_t, std::less<>> by_name;
  for (const Json* row : rows) {
    for (const auto& [name, value] : row->items()) {
      const auto [found, is_new] = by_name.try_emplace(name, columns.size());
      if (is_new) columns.push_back({name, {}});
      columns[found->second].second.take(value);
    }
  }
  Columns are;
  for (const auto& [name, column] : columns) {
    if (column.is_time() && are.time.empty()) are.time = name;
    if (column.is_value()) are.values.push_back(name);
    if (column.is_tag() && are.tags.size() < DataRows::kTagsMax) are.tags.push_back(name);
  }
  return are;
}

/// What our own codec would refuse (a name with a blank) is left out: the data are not ours.
void write_row(std::string_view name, const Json& row, const Columns& columns, std::string& lines) {
  Reading reading;
  for (const std::string& tag : columns.tags) {
    const auto value = row.find(tag);
    if (value != row.end() && !value->is_null()) reading.tags.push_back({tag, text_of(*value)});
  }
  reading.name = std::string{name} + ".rows";
  reading.value = "1";
  (void)write_line(ingest::codec::Format::Json, reading, lines);
  reading.kind = Kind::Timer;
  for (const std::string& field : columns.values) {
    const auto value = row.find(field);
    if (value == row.end() || value->is_null()) continue;
    reading.name = std::string{name} + '.' + field;
    reading.value = value->dump();
    (void)write_line(ingest::codec::Format::Json, reading, lines);
  }
}

}  // namespace

std::optional<Millis> read_date(std::string_view text) {
  const auto year = take_digits(text, 4);
  if (!year || !take_one_of(text, "-/")) return std::nullopt;
  const auto month = take_digits(text, 2);
  if (!month || !take_one_of(text, "-/")) return std::nullopt;
  const auto day = take_digits(text, 2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{static_cast<int>(*year)},
                                         std::chrono::month{*month}, std::chrono::day{*day}};
  if (!date.ok()) return std::nullopt;
  const Millis midnight = std::chrono::sys_days{date}.time_since_epoch();
  if (text.empty()) return midnight;
  if (!take_one_of(text, " T")) return std::nullopt;
  const auto time = read_time_of_day(text);
  if (!time) return std::nullopt;
  return midnight + *time;
}

Result<DataRows> DataRows::of_text(std::string_view name, std::string_view text) {
  const Json all = Json::parse(text, nullptr, false);
  const std::vector<const Json*> rows = rows_of(all);
  const Columns columns = columns_of(rows);
  if (rows.empty()) return Failure{Error{0, "is no JSON array of rows, nor GeoJSON"}};
  if (columns.time.empty())
    return Failure{Error{0, "no field of its rows is a time in each of them"}};
  std::vector<std::pair<Millis, const Json*>> timed;
  for (const Json* row : rows) {
    const auto field = row->find(columns.time);
    const auto time = field == row->end() ? std::nullopt : time_of(*field);
    if (time) timed.emplace_back(*time, row);
  }
  std::ranges::stable_sort(timed, {}, &std::pair<Millis, const Json*>::first);
  DataRows made;
  made.left_out_ = rows.size() - timed.size();
  for (const auto& [time, row] : timed) {
    const std::size_t begin = made.lines_.size();
    write_row(name, *row, columns, made.lines_);
    made.rows_.push_back({time - timed.front().first, begin, made.lines_.size()});
  }
  return made;
}

Result<DataRows> DataRows::read(const std::string& path) {
  const auto refuse = [&](const std::string& why) { return Failure{Error{0, path + ": " + why}}; };
  std::error_code fault;
  const auto size = std::filesystem::file_size(path, fault);
  if (fault) return refuse(fault.message());
  if (size > kFileBytesMax)
    return refuse("is larger than " + std::to_string(kFileBytesMax >> 20U) +
                  " MiB: all rows are held in memory, to be put in the order of their time; give a "
                  "part of them, or lines that carry their time to `weir replay`");
  std::ifstream file{path, std::ios::binary};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  if (!file) return refuse("cannot be read");
  auto made = of_text(std::filesystem::path{path}.stem().string(), text);
  if (!made) return refuse(made.error().what);
  return made;
}

DataRows::Row DataRows::row(std::size_t i) const {
  const Place& place = rows_[i];
  return {place.after, std::string_view{lines_}.substr(place.begin, place.end - place.begin)};
}

}  // namespace gateway::tools
