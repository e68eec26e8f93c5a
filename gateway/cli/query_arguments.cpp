#include "gateway/cli/query_arguments.h"

#include <charconv>

#include "ingest/base/units.h"

namespace gateway::cli {
namespace {

using ingest::Failure;

constexpr const char* kFooter =
    R"(A table of the newest whole window; with --last a line for each window of that time. --json prints a line
for each row, ready for jq, as weir tail does; --csv begins with the names of its columns. In both, times
are the ends of windows: ms since 1970, and UTC. Rows without any value in a window are left out.

--derive NAME=EXPRESSION computes a column from stats: + - * / ( ) < <= > >= == != min max abs if coalesce.
It may join several metrics: 'error_rate=errors.count / requests.count' of a METRIC that is a glob.

Status 1: the server cannot be reached, or cannot answer now; status 2: the query or the command line is
wrong. No series that matches is no fault; it is said on stderr.

Examples:
  weir query 'http.*' --by route --stats count,p99 --window 10s --last 5m
  weir query checkout.latency --by route --order p99:desc --limit 10
  weir query 'http.*' --by route --derive 'error_rate=errors.count / requests.count' --csv
  weir query system.cpu.utilization --without cpu --json | jq .stats.mean)";

/// "spread=max - min": the name, and the rest.
ingest::Result<void, std::string> add_derived(const std::string& text, Subscription& asked) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0)
    return Failure{"--derive \"" + text + "\" has no name, as 'spread=max - min'"};
  asked.derive.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  return {};
}

/// As every answer writes its times.
ingest::Result<std::int64_t, std::string> read_end(const std::string& text) {
  constexpr std::int64_t kMost = 253'402'300'800'000;  // the year 10000
  std::int64_t ms = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), ms);
  if (fault != std::errc{} || end != text.data() + text.size() || ms < 0 || ms >= kMost)
    return Failure{"--end \"" + text + "\": want ms since 1970, as 1764000000000"};
  return ms;
}

/// 127.0.0.1:8080, http://HOST:PORT, unix:/run/weir.sock.
ingest::Result<tools::Target, std::string> read_url(const std::string& text) {
  constexpr const char* kDefault = "http://127.0.0.1:8080";
  std::string url = text.empty() ? kDefault : text;
  if (url.find("://") == std::string::npos && !url.starts_with("unix:")) url.insert(0, "http://");
  auto target = tools::parse_target(url);
  if (!target) return Failure{"--url " + target.error()};
  using Way = tools::Target::Way;
  if (target->way != Way::Http && target->way != Way::Unix)
    return Failure{"--url \"" + text + "\": want http://HOST:PORT or unix:/PATH"};
  return target;
}

}  // namespace

QueryArguments::QueryArguments(const Syntax& weir)
    : syntax_(weir.command("query", "Ask a running Weir once, about now or the past", kFooter)) {
  syntax_.text(asked_.metric,
               {"metric", "A name; * is any run within a segment, ** any run", "METRIC"});
  syntax_.list(asked_.stats, {"--stats", "Which numbers: count,rate,mean,p50,p99,last,...", "A,B"});
  syntax_.list(asked_.by, {"--by", "One row for each value of these tags", "A,B"});
  syntax_.list(asked_.without,
               {"--without", "One row for each value of all tags but these", "A,B"});
  syntax_.again(where_,
                {"--where",
                 "Only these series; may be given again: region=eu, env!=test, "
                 "host=~web-.*, 'env in prod,stage', 'canary exists', '[\"env\",\"=\",\"a,b\"]'",
                 "MATCHER"});
  syntax_.again(
      derive_, {"--derive", "A column computed from stats; may be given again", "NAME=EXPRESSION"});
  syntax_.flag(asked_.err, "--err", "How far each quantile may be from the true one");
  syntax_.text(asked_.window, {"--window", "What one number is about (10s)", "TIME"});
  syntax_.text(asked_.slide, {"--slide", "Windows end at multiples of this", "TIME"});
  syntax_.text(asked_.order, {"--order", "By which column: p99:desc, count:asc", "COLUMN"});
  syntax_.number(limit_,
                 {"--limit", "At most so many rows of a window, the first in that order", "N"});
  syntax_.text(last_, {"--last", "The windows of this time until now: 5m, 2h", "TIME"});
  syntax_.text(step_, {"--step", "With --last: how far apart the windows are", "TIME"});
  syntax_.text(end_, {"--end", "The windows end at or before this, ms since 1970 (now)", "MS"});
  syntax_.text(
      url_,
      {"--url", "Where Weir is: 127.0.0.1:8080, http://HOST:PORT, unix:/run/weir.sock", "URL"});
  syntax_.flag(json_, "--json", "Lines of JSON");
  syntax_.flag(csv_, "--csv", "Comma-separated values");
}

ingest::Result<QueryWish, std::string> QueryArguments::take() const {
  if (asked_.metric.empty()) return Failure{std::string{"which metric? Try: weir query '**'"}};
  if (json_ && csv_) return Failure{std::string{"--json or --csv, not both"}};
  if (!step_.empty() && last_.empty()) return Failure{std::string{"--step goes with --last"}};
  Subscription asked = asked_;
  for (const std::string& text : where_)
    asked.where.push_back(TRY(parse_where(text)));
  for (const std::string& text : derive_)
    TRY(add_derived(text, asked));
  asked.limit = limit_;
  QueryWish wish;
  wish.metric = asked.metric;
  wish.query = query_text(asked);
  if (!last_.empty()) {
    const auto last = ingest::read_duration(last_);
    if (!last) return Failure{"--last " + last.error()};
    wish.last = *last;
  }
  wish.step = step_;
  if (!end_.empty()) wish.end_ms = TRY(read_end(end_));
  wish.target = TRY(read_url(url_));
  if (json_) wish.form = QueryWish::Form::Json;
  if (csv_) wish.form = QueryWish::Form::Csv;
  return wish;
}

}  // namespace gateway::cli
