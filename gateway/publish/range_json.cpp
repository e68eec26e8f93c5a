#include "gateway/publish/range_json.h"

#include <cmath>
#include <string_view>
#include <vector>

#include "gateway/publish/json_text.h"
#include "gateway/publish/number_text.h"
#include "gateway/publish/sheet.h"

namespace gateway::publish {
namespace {

using ingest::query::Field;
using ingest::query::RangePage;

template <class Items, class Write>
void append_list(std::string& out, const Items& items, Write write) {
  out += '[';
  bool first = true;
  for (const auto& item : items) {
    if (!first) out += ',';
    first = false;
    write(item);
  }
  out += ']';
}

void append_texts(std::string& out, const std::vector<std::string>& texts) {
  append_list(out, texts, [&](const std::string& text) { append_json_string(out, text); });
}

void append_cell(std::string& out, const RangePage& page, const Field& field, double value) {
  if (field.stat && field.stat->is_list()) {
    out += std::isnan(value) ? std::string{"null"} : list_text(page.lists, value);
  } else {
    out += number_text(value, digits_of(field)).view();
  }
}

/// One field: [row][time].
void append_field(std::string& out, const RangePage& page, const Field& field,
                  std::span<const double> values) {
  const std::size_t times = page.times.size();
  out += '[';
  for (std::size_t row = 0; row < page.keys.size(); ++row) {
    if (row > 0) out += ',';
    append_list(out, values.subspan(row * times, times),
                [&](double value) { append_cell(out, page, field, value); });
  }
  out += ']';
}

void append_cells(std::string& out, const RangePage& page, const std::vector<Field>& fields) {
  const std::size_t each = page.keys.size() * page.times.size();
  out += R"(,"c":[)";
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) out += ',';
    append_field(out, page, fields[i],
                 std::span{page.values}.subspan(each == 0 ? 0 : i * each, each));
  }
  out += ']';
}

/// One kind of mark: [row, first, last], the times from the first to the last of a run.
void append_runs(std::string& out, const RangePage& page, ingest::query::Marks mark) {
  const std::size_t times = page.times.size();
  bool any = false;
  for (std::size_t at = 0; at < page.marks.size(); ++at) {
    if ((page.marks[at] & mark) == 0) continue;
    const std::size_t row = at / times;
    const std::size_t first = at;
    while (at + 1 < (row + 1) * times && (page.marks[at + 1] & mark) != 0)
      ++at;
    out += any ? ",[" : "[";
    any = true;
    append_unsigned(out, row);
    out += ',';
    append_unsigned(out, first % times);
    out += ',';
    append_unsigned(out, at % times);
    out += ']';
  }
}

void append_marks(std::string& out, const RangePage& page) {
  std::string stale;
  std::string overflow;
  append_runs(stale, page, ingest::query::kStale);
  append_runs(overflow, page, ingest::query::kOverflowed);
  if (stale.empty() && overflow.empty()) return;
  out += R"(,"m":{)";
  if (!stale.empty()) out += R"("stale":[)" + stale + ']';
  if (!stale.empty() && !overflow.empty()) out += ',';
  if (!overflow.empty()) out += R"("overflow":[)" + overflow + ']';
  out += '}';
}

void append_holes(std::string& out, const RangePage& page) {
  if (page.holes.empty()) return;
  out += R"(,"holes":)";
  append_list(out, page.holes, [&](const auto& hole) {
    out += '[';
    append_unsigned(out, hole.first);
    out += ',';
    append_unsigned(out, hole.second);
    out += ']';
  });
}

}  // namespace

std::string range_text(std::optional<std::uint64_t> id, const ingest::query::Query& query,
                       const RangePage& page) {
  const std::vector<Field> fields = ingest::query::fields(query);
  std::string out = R"({"t":"range")";
  if (id) {
    out += R"(,"id":)";
    append_unsigned(out, *id);
  }
  out += R"(,"fields":)";
  append_list(out, fields, [&](const Field& field) { append_json_string(out, field.name); });
  out += R"(,"by":)";
  append_texts(out, page.by.empty() ? query.by : page.by);
  out += R"(,"window":)";
  append_integer(out, page.window.count());
  out += R"(,"step":)";
  append_integer(out, page.step.count());
  out += R"(,"k":)";
  append_list(out, page.keys, [&](const auto& key) { append_texts(out, key); });
  out += R"(,"ts":)";
  append_list(out, page.times,
              [&](ingest::WallTime time) { append_integer(out, ingest::to_ms(time)); });
  append_cells(out, page, fields);
  append_marks(out, page);
  append_holes(out, page);
  out += R"(,"next":)";
  if (page.next.empty()) return out + "null}";
  append_json_string(out, page.next);
  return out + '}';
}

}  // namespace gateway::publish
