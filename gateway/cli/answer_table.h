#pragma once
// AnswerTable: what /api/v1/query and /api/v1/query_range answered, page by page, as windows with
// their rows. Pure; owned by `weir query`. What is no such answer is said in a sentence.

#include <cstddef>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/cli/live_table.h"
#include "ingest/base/result.h"

namespace gateway::cli {

class AnswerTable {
 public:
  static constexpr std::size_t kValuesMax = 20'000'000;  // of all pages

  /// A whole body: `snap` (c is [field][row]) or `range` (c is [field][row][time]). Rows that have
  /// nothing but null at some time, and no overflow that says why, are left out there.
  ingest::Result<void, std::string> add(std::string_view body);

  /// The cursor of the page that is missing; empty: none is.
  const std::string& next() const { return next_; }
  const std::vector<std::string>& by() const { return by_; }
  const std::vector<std::string>& fields() const { return fields_; }
  /// By the ends of their windows, in ms since 1970; rows in the order of the answer.
  const std::map<std::int64_t, std::vector<LiveTable::Row>>& windows() const { return windows_; }
  /// Of every window, in ms; 0 where the answer did not say.
  std::int64_t length() const { return length_; }
  std::size_t rows() const;

 private:
  using Done = ingest::Result<void, std::string>;
  Done add_snap(const nlohmann::json& body);
  Done add_range(const nlohmann::json& body);
  Done take_head(const nlohmann::json& body);
  void add_row(std::int64_t end, LiveTable::Row row);

  std::vector<std::string> by_;
  std::vector<std::string> fields_;
  std::map<std::int64_t, std::vector<LiveTable::Row>> windows_;
  std::int64_t length_ = 0;
  std::string next_;
  std::size_t values_ = 0;
};

}  // namespace gateway::cli
