#include "gateway/cli/query_arguments.h"

#include <CLI/CLI.hpp>

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

QueryArguments::QueryArguments(CLI::App& weir)
    : app_(weir.add_subcommand("query", "Ask a running Weir once, about now or the past")) {
  app_->footer(kFooter);
  app_->allow_extras();
  app_->add_option("metric", asked_.metric, "A name; * is any run within a segment, ** any run")
      ->type_name("METRIC");
  const auto list = [this](const char* name, std::vector<std::string>& to, const char* what) {
    app_->add_option(name, to, what)->type_name("A,B")->delimiter(',')->allow_extra_args(false);
  };
  const auto text = [this](const char* name, std::string& to, const char* what, const char* type) {
    app_->add_option(name, to, what)->type_name(type)->take_last();
  };
  const auto again = [this](const char* name, std::vector<std::string>& to, const char* what,
                            const char* type) {
    app_->add_option(name, to, what)->type_name(type)->take_all()->allow_extra_args(false);
  };
  list("--stats", asked_.stats, "Which numbers: count,rate,mean,p50,p99,last,...");
  list("--by", asked_.by, "One row for each value of these tags");
  list("--without", asked_.without, "One row for each value of all tags but these");
  again("--where", where_,
        "Only these series; may be given again: region=eu, env!=test, host=~web-.*, "
        "'env in prod,stage', 'canary exists'",
        "MATCHER");
  again("--derive", derive_, "A column computed from stats; may be given again", "NAME=EXPRESSION");
  app_->add_flag("--err", asked_.err, "How far each quantile may be from the true one");
  text("--window", asked_.window, "What one number is about (10s)", "TIME");
  text("--slide", asked_.slide, "Windows end at multiples of this", "TIME");
  text("--order", asked_.order, "By which column: p99:desc, count:asc", "COLUMN");
  app_->add_option("--limit", limit_, "At most so many rows of a window, the first in that order")
      ->type_name("N")
      ->take_last();
  text("--last", last_, "The windows of this time until now: 5m, 2h", "TIME");
  text("--step", step_, "With --last: how far apart the windows are", "TIME");
  text("--url", url_, "Where Weir is: 127.0.0.1:8080, http://HOST:PORT, unix:/run/weir.sock",
       "URL");
  app_->add_flag("--json", json_, "Lines of JSON");
  app_->add_flag("--csv", csv_, "Comma-separated values");
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
  wish.target = TRY(read_url(url_));
  if (json_) wish.form = QueryWish::Form::Json;
  if (csv_) wish.form = QueryWish::Form::Csv;
  return wish;
}

}  // namespace gateway::cli
