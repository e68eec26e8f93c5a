#pragma once
// A client of the protocol as small as it can be, written from DESIGN section 6 alone: applies
// messages, and fails the test when one of them breaks a promise.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace gateway::publish::test {

using nlohmann::json;

/// What a client knows of one channel.
struct Table {
  struct Row {
    json key;
    json values;
    json marks;  // the names of those that it has
    bool operator==(const Row&) const = default;
  };
  bool known = false;  // a whole snapshot came
  std::uint64_t s = 0;
  json window;
  std::map<std::uint64_t, Row> rows;
  /// Points of a chart: what was last said of a row in a window.
  std::map<std::pair<json, std::uint64_t>, json> points;
  std::vector<json> parts;
  std::uint64_t corrections = 0;
  std::uint64_t rebases = 0;

  bool operator==(const Table& other) const {
    return s == other.s && window == other.window && rows == other.rows;
  }
};

class ClientModel {
 public:
  std::map<std::uint64_t, Table> tables;            // by ch
  std::map<std::uint64_t, std::uint64_t> channels;  // id -> ch
  std::vector<json> log;                            // all but snap and u
  std::vector<std::string> order;                   // the types, as they came
  std::uint64_t gaps = 0;

  void take(std::string_view text) {
    const json message = json::parse(text, nullptr, false);
    ASSERT_TRUE(message.is_object()) << text;
    const std::string type = message["t"];
    order.push_back(type);
    if (type == "snap") return snap(message);
    if (type == "u") return update(message);
    log.push_back(message);
    if (type == "subd") channels[message["id"]] = message["ch"];
    if (type == "gap") gap(message);
  }
  const json* last(const std::string& type) const {
    for (auto at = log.rbegin(); at != log.rend(); ++at) {
      if ((*at)["t"] == type) return &*at;
    }
    return nullptr;
  }
  std::size_t count(const std::string& type) const {
    return static_cast<std::size_t>(std::count(order.begin(), order.end(), type));
  }

 private:
  static std::vector<json> columns_to_rows(const json& message, std::size_t rows) {
    std::vector<json> values(rows, json::array());
    for (const json& column : message["c"]) {
      EXPECT_EQ(column.size(), rows);
      for (std::size_t row = 0; row < rows; ++row)
        values[row].push_back(column[row]);
    }
    return values;
  }
  /// Which marks the row has in this message: ["stale"].
  static json marks_of(const json& message, std::uint64_t index) {
    json marks = json::array();
    const json named = message.value("m", json::object());
    for (const auto& [name, rows] : named.items()) {
      EXPECT_FALSE(rows.empty());
      if (std::find(rows.begin(), rows.end(), json(index)) != rows.end()) marks.push_back(name);
    }
    return marks;
  }
  static void put(Table& table, const json& window, std::uint64_t index, const json& values) {
    table.points[{window, index}] = values;
  }

  void snap(const json& message) {
    Table& table = tables[message["ch"]];
    if (message.contains("rebase")) {
      ++table.rebases;
      if (table.known && table.parts.empty()) {
        EXPECT_EQ(message["s"], table.s + 1);
      }
    }
    if (message.contains("part")) {
      const std::size_t part = message["part"][0];
      if (part == 1) table.parts.clear();
      EXPECT_EQ(part, table.parts.size() + 1);
      table.parts.push_back(message);
      if (part < message["part"][1]) return;
    } else {
      table.parts = {message};
    }
    table.rows.clear();
    if (message.contains("rebase")) table.points.clear();
    for (const json& part : table.parts)
      add_part(table, part);
    EXPECT_EQ(table.rows.size(), message["n"]);
    table.parts.clear();
    table.known = true;
    table.s = message["s"];
    table.window = message["w"];
  }
  static void add_part(Table& table, const json& part) {
    const json& keys = part["k"];
    const std::vector<json> values = columns_to_rows(part, keys.size());
    for (std::size_t row = 0; row < keys.size(); ++row) {
      const std::uint64_t index = part.contains("i") ? part["i"][row].get<std::uint64_t>() : row;
      const Table::Row told{keys[row], values[row], marks_of(part, index)};
      EXPECT_TRUE(table.rows.emplace(index, told).second);
      put(table, part["w"], index, values[row]);
    }
  }

  void update(const json& message) {
    Table& table = tables[message["ch"]];
    ASSERT_TRUE(table.known) << "an update before the snapshot: " << message;
    ASSERT_EQ(message["s"], table.s + 1) << "a hole that nobody told";
    table.s = message["s"];
    const json& indexes = message["i"];
    EXPECT_TRUE(std::is_sorted(indexes.begin(), indexes.end()));
    if (message.contains("f") || message.contains("rev")) return correct(table, message);
    EXPECT_GE(message["w"][1], table.window[1]);
    table.window = message["w"];
    remove_and_add(table, message);
    const std::vector<json> values = columns_to_rows(message, indexes.size());
    for (std::size_t row = 0; row < indexes.size(); ++row) {
      const auto found = table.rows.find(indexes[row]);
      ASSERT_NE(found, table.rows.end()) << message;
      const Table::Row told{found->second.key, values[row], marks_of(message, indexes[row])};
      EXPECT_NE(found->second, told) << "a row that did not change: " << message;
      found->second = told;
    }
    for (const auto& [index, row] : table.rows)
      put(table, table.window, index, row.values);
    EXPECT_EQ(table.rows.size(), message["n"]);
  }
  static void remove_and_add(Table& table, const json& message) {
    const std::set<json> indexes(message["i"].begin(), message["i"].end());
    for (const json& index : message.value("x", json::array())) {
      EXPECT_EQ(indexes.count(index), 0U);
      EXPECT_EQ(table.rows.erase(index), 1U) << message;
    }
    if (!message.contains("d")) return;
    const json& added = message["d"];
    EXPECT_EQ(added["i"].size(), added["k"].size());
    for (std::size_t row = 0; row < added["i"].size(); ++row) {
      EXPECT_EQ(indexes.count(added["i"][row]), 1U);
      EXPECT_TRUE(table.rows.emplace(added["i"][row], Table::Row{added["k"][row], {}, {}}).second)
          << message;
    }
  }
  void correct(Table& table, const json& message) {
    ++table.corrections;
    EXPECT_LT(message["w"][1], table.window[1]) << "a correction of the newest window";
    EXPECT_FALSE(message.contains("d") || message.contains("x") || message.contains("n"));
    EXPECT_FALSE(message["i"].empty());
    const std::vector<json> values = columns_to_rows(message, message["i"].size());
    for (std::size_t row = 0; row < message["i"].size(); ++row) {
      put(table, message["w"], message["i"][row], values[row]);
    }
  }
  void gap(const json& message) {
    ++gaps;
    Table& table = tables[message["ch"]];
    EXPECT_LE(message["from"], message["to"]);
    if (table.known) {
      EXPECT_EQ(message["from"], table.s + 1);
    }
    table.known = false;
  }
};

}  // namespace gateway::publish::test
