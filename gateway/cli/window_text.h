#pragma once
// window_text: a window of a replay as text: lines of JSON as `weir tail` has them, CSV, or a table
// for people. Pure: the same window gives the same bytes.
//
//   {"time":1764000010000,"window":10000,"metric":"m","tags":{"route":"/a"},"stats":{"count":812}}
//
// with "kind" where rows are keyed by it, and "stale" or "overflow": true where a row is so marked.

#include <string>
#include <vector>

#include "ingest/query/query.h"
#include "ingest/replay/final_tables.h"

namespace gateway::cli {

enum class Form : std::uint8_t { Table, Json, Csv };

class WindowText {
 public:
  WindowText(const ingest::query::Query& query, Form form);
  /// Appends what stands before the first window.
  void begin(std::string& out) const;
  void append(const ingest::replay::FinalWindow& window, std::string& out) const;

 private:
  std::string json_labels(const ingest::replay::FinalRow& row) const;
  void append_json(const ingest::replay::FinalWindow& window, std::string& out) const;
  void append_csv(const ingest::replay::FinalWindow& window, std::string& out) const;
  void append_table(const ingest::replay::FinalWindow& window, std::string& out) const;
  std::vector<std::string> cells(const ingest::replay::FinalRow& row) const;
  std::string value(const ingest::replay::FinalRow& row, std::size_t column) const;

  std::string metric_;
  std::vector<std::string> by_;
  std::vector<ingest::query::Field> fields_;
  Form form_;
};

}  // namespace gateway::cli
