#include "gateway/server/query_api.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "gateway/publish/json_text.h"
#include "gateway/publish/number_text.h"
#include "gateway/publish/sheet.h"
#include "gateway/server/answer.h"
#include "gateway/server/discovery_api.h"
#include "gateway/server/fault_answer.h"
#include "gateway/server/query_fault.h"
#include "gateway/server/query_wish.h"

namespace gateway::server {
namespace {

using ingest::Millis;
using ingest::WallTime;
using ingest::query::Code;
using ingest::query::Field;
using ingest::query::Query;
using ingest::query::RangePage;
using publish::append_integer;
using publish::append_json_string;

/// The newest window is whole once the tick after its end is done; that may be a tick late.
constexpr int kTicksBehind = 2;

void append_texts(std::string_view name, const std::vector<std::string>& texts, std::string& out) {
  out += name;
  out += '[';
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (i > 0) out += ',';
    append_json_string(out, texts[i]);
  }
  out += ']';
}

void append_keys(const RangePage& page, std::string& out) {
  out += R"(,"k":[)";
  for (std::size_t row = 0; row < page.keys.size(); ++row)
    append_texts(row == 0 ? "" : ",", page.keys[row], out);
  out += ']';
}

/// The newest of the page's times, row by row.
void append_column(const RangePage& page, std::size_t index, const Field& field, std::string& out) {
  const bool is_list = field.stat && field.stat->is_list();
  const publish::Digits digits = publish::digits_of(field);
  const std::size_t rows = page.keys.size();
  const std::size_t times = page.times.size();
  out += '[';
  for (std::size_t row = 0; row < rows; ++row) {
    if (row > 0) out += ',';
    const double value = page.values[(index * rows + row) * times + times - 1];
    if (is_list) {
      out += std::isnan(value) ? "null" : publish::list_text(page.lists, value);
    } else {
      out += publish::number_text(value, digits).view();
    }
  }
  out += ']';
}

/// The rows with one kind of mark at the newest of the page's times.
std::string rows_marked(const RangePage& page, ingest::query::Marks mark) {
  std::string rows;
  const std::size_t times = page.times.size();
  for (std::size_t row = 0; row < page.keys.size() && !page.marks.empty(); ++row) {
    if ((page.marks[row * times + times - 1] & mark) == 0) continue;
    if (!rows.empty()) rows += ',';
    append_integer(rows, static_cast<std::int64_t>(row));
  }
  return rows;
}

/// As a live table has them.
void append_marks(const RangePage& page, std::string& out) {
  const std::string stale = rows_marked(page, ingest::query::kStale);
  const std::string overflow = rows_marked(page, ingest::query::kOverflowed);
  if (stale.empty() && overflow.empty()) return;
  out += R"(,"m":{)";
  if (!stale.empty()) out += R"("stale":[)" + stale + ']';
  if (!stale.empty() && !overflow.empty()) out += ',';
  if (!overflow.empty()) out += R"("overflow":[)" + overflow + ']';
  out += '}';
}

}  // namespace

std::string snap_of_page(const Query& query, const RangePage& page, WallTime end) {
  const bool is_empty = page.times.empty() || page.keys.empty();
  const RangePage nothing;
  const RangePage& shown = is_empty ? nothing : page;
  const WallTime until = page.times.empty() ? end : page.times.back();
  const Millis window = page.window > Millis{0} ? page.window : query.window;
  std::string out = R"({"t":"snap","w":[)";
  append_integer(out, ingest::to_ms(until - window));
  out += ',';
  append_integer(out, ingest::to_ms(until));
  out += R"(],"n":)";
  append_integer(out, static_cast<std::int64_t>(shown.keys.size()));
  const std::vector<Field> columns = ingest::query::fields(query);
  std::vector<std::string> names(columns.size());
  std::ranges::transform(columns, names.begin(), &Field::name);
  append_texts(R"(,"fields":)", names, out);
  append_texts(R"(,"by":)", page.by.empty() ? query.by : page.by, out);
  append_keys(shown, out);
  out += R"(,"c":[)";
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (i > 0) out += ',';
    append_column(shown, i, columns[i], out);
  }
  out += ']';
  append_marks(shown, out);
  if (!page.holes.empty()) out += R"(,"hole":true)";
  out += R"(,"next":)";
  if (page.next.empty()) {
    out += "null";
  } else {
    append_json_string(out, page.next);
  }
  return out + '}';
}

Reply answer_query_now(const http::Request& request, std::string_view /*rest*/,
                       const AnswerContext& context) {
  const publish::Rules& rules = context.site.settings.rules;
  ingest::query::QueryLimits limits = rules.commands.query;
  limits.default_slide = ingest::query::QueryLimits::Slide::Pane;
  const auto query = read_query(request, limits, context.rights);
  if (!query) return refused(query.error());
  const auto time = read_time(request, "time");
  if (!time) return refused(time.error());
  const WallTime asked = time->value_or(context.now - kTicksBehind * rules.tick);
  const WallTime end{asked.time_since_epoch() / query->slide * query->slide};
  ingest::query::RangeAsk ask{*query, std::max(end - query->slide, WallTime{}), end, query->slide,
                              request.query_parameter("cursor").value_or("")};
  const auto respond = [query = *query, end](const publish::Answer& answer) {
    const auto* page = std::get_if<ingest::query::RangeAnswerPtr>(&answer);
    if (page == nullptr || *page == nullptr)
      return refused({Code::ServerInternal, "an answer to another question", false});
    if (!**page) return refused((*page)->error());
    return json_answer(snap_of_page(query, ***page, end));
  };
  return Question{std::move(ask), respond, Question::Claim::None, auth::bounds_of(context.rights)};
}

}  // namespace gateway::server
