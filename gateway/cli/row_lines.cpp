#include "gateway/cli/row_lines.h"

#include <utility>

namespace gateway::cli {
namespace {

using json = nlohmann::ordered_json;

json line_of(const RowHead& head, const LiveTable::Change& change, const LiveTable::Row& row,
             std::string_view metric) {
  json line;
  line["time"] = change.window.end;
  line["window"] = change.window.end - change.window.start;
  line["metric"] = metric;
  json tags = json::object();
  for (std::size_t i = 0; i < head.by.size(); ++i) {
    const std::string& name = head.by[i];
    if (name == "@tags") {
      add_tags(row.key[i], tags);
    } else if (name.starts_with('@')) {
      line[name.substr(1)] = row.key[i];  // "metric", "kind"
    } else if (!row.key[i].empty()) {
      tags[name] = row.key[i];
    }
  }
  json stats = json::object();
  for (std::size_t i = 0; i < head.fields.size(); ++i)
    stats[head.fields[i]] = json(row.values[i]);
  line["tags"] = std::move(tags);
  line["stats"] = std::move(stats);
  if (row.stale) line["stale"] = true;
  if (row.overflow) line["overflow"] = true;
  if (change.final) line["final"] = true;
  if (change.rev) line["rev"] = *change.rev;
  return line;
}

}  // namespace

void add_tags(std::string_view text, json& tags) {
  std::string name;
  std::string value;
  bool in_value = false;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i == text.size() || text[i] == ',') {
      if (!name.empty()) tags[std::exchange(name, {})] = std::exchange(value, {});
      in_value = false;
    } else if (text[i] == '=' && !in_value) {
      in_value = true;
    } else {
      if (text[i] == '\\' && i + 1 < text.size()) ++i;
      (in_value ? value : name) += text[i];
    }
  }
}

void append_row_lines(const RowHead& head, const LiveTable::Change& change, std::string_view metric,
                      std::string& out) {
  for (const LiveTable::Row& row : change.rows) {
    // Names that are no UTF-8 cannot be in JSON: the server sent none, and none gets out.
    out += line_of(head, change, row, metric).dump(-1, ' ', false, json::error_handler_t::replace);
    out += '\n';
  }
}

}  // namespace gateway::cli
