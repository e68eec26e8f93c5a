#include "gateway/cli/row_lines.h"

namespace gateway::cli {
namespace {

using json = nlohmann::ordered_json;

json line_of(const LiveTable& table, const LiveTable::Change& change, const LiveTable::Row& row,
             std::string_view metric) {
  json line;
  line["time"] = change.window.end;
  line["window"] = change.window.end - change.window.start;
  line["metric"] = metric;
  json tags = json::object();
  for (std::size_t i = 0; i < table.by().size(); ++i) {
    const std::string& name = table.by()[i];
    if (name.starts_with('@')) {
      line[name.substr(1)] = row.key[i];  // "metric", "kind"
    } else if (!row.key[i].empty()) {
      tags[name] = row.key[i];
    }
  }
  json stats = json::object();
  for (std::size_t i = 0; i < table.fields().size(); ++i)
    stats[table.fields()[i]] = json(row.values[i]);
  line["tags"] = std::move(tags);
  line["stats"] = std::move(stats);
  if (change.final) line["final"] = true;
  if (change.rev) line["rev"] = *change.rev;
  return line;
}

}  // namespace

void append_row_lines(const LiveTable& table, const LiveTable::Change& change,
                      std::string_view metric, std::string& out) {
  for (const LiveTable::Row& row : change.rows) {
    // Names that are no UTF-8 cannot be in JSON: the server sent none, and none gets out.
    out += line_of(table, change, row, metric).dump(-1, ' ', false, json::error_handler_t::replace);
    out += '\n';
  }
}

}  // namespace gateway::cli
