#include "gateway/cli/tail_arguments.h"

#include <CLI/CLI.hpp>

namespace gateway::cli {
namespace {

constexpr const char* kFooter =
    R"(On a terminal: a table of the newest window, redrawn in place. Anywhere else, or with --json: lines of
JSON, one for each row of each window, ready for jq:
  {"time":1764000010000,"window":10000,"metric":"http.requests","tags":{"route":"/a"},"stats":{"count":812,"p99":12.1}}
`time` is the end of the window and `window` its length, both in ms. When the window has moved every row
comes, in between those that changed: of two lines for one row and window the later one holds. Lines with
"final" or "rev" correct an earlier window. What goes wrong is told on stderr, a sentence a line.

A lost connection is taken up again where it stood. Ctrl-C and a closed pipe end it with status 0. Status 1:
the server cannot be reached (--once) or does not want us; status 2: the query or the command line is wrong.

Examples:
  weir tail 'http.*' --stats count,p99
  weir tail checkout.latency --by route --where region=eu-west-1 --window 1min
  weir tail system.cpu.utilization --once
  weir tail 'http.*' --stats p99 --url wss://weir.example.org | jq .stats.p99)";

}  // namespace

TailArguments::TailArguments(CLI::App& weir)
    : app_(weir.add_subcommand("tail", "Show what a running Weir measures, as it changes")) {
  Subscription& wanted = tail_.subscription;
  app_->footer(kFooter);
  app_->allow_extras();
  app_->add_option("metric", wanted.metric, "A name; * is any run within a segment, ** any run")
      ->type_name("METRIC");
  app_->add_option("--stats", wanted.stats, "Which numbers: count,rate,mean,p50,p99,last,...")
      ->type_name("A,B")
      ->delimiter(',')
      ->allow_extra_args(false);
  app_->add_option("--by", wanted.by, "One row for each value of these tags")
      ->type_name("TAG,TAG")
      ->delimiter(',')
      ->allow_extra_args(false);
  app_->add_option("--where", where_,
                   "Only these series; may be given again: region=eu, env!=test, host=~web-.*, "
                   "'env in prod,stage', 'canary exists'")
      ->type_name("MATCHER")
      ->take_all()
      ->allow_extra_args(false);
  const auto text = [this](const char* name, std::string& to, const char* what, const char* type) {
    app_->add_option(name, to, what)->type_name(type)->take_last();
  };
  text("--window", wanted.window, "What one number is about (10s)", "TIME");
  text("--slide", wanted.slide, "How often the window moves (a tenth of it)", "TIME");
  text("--rate", wanted.rate, "How often to hear (1s)", "TIME");
  text("--order", tail_.order, "By which column: p99:desc, route:asc", "COLUMN");
  app_->add_option("--limit", tail_.limit, "At most so many rows, the first in that order")
      ->type_name("N")
      ->take_last();
  text("--url", tail_.url, "Where Weir is: 127.0.0.1:8080, wss://HOST, ws+unix:///run/weir.sock",
       "URL");
  text("--ca", tail_.ca_file, "Trust the authorities in this PEM file instead of the system's",
       "FILE");
  app_->add_flag("--json", tail_.json, "Lines of JSON on a terminal too");
  app_->add_flag("--once", tail_.once, "Show one table and end; no second attempt");
  app_->add_option("--count", tail_.windows, "End after so many tables")
      ->type_name("N")
      ->take_last();
}

ingest::Result<Tail, std::string> TailArguments::take() const {
  Tail tail = tail_;
  if (tail.subscription.metric.empty())
    return ingest::Failure{std::string{"which metric? Try: weir tail '**'"}};
  for (const std::string& text : where_)
    tail.subscription.where.push_back(TRY(parse_where(text)));
  if (tail.once) tail.windows = 1;
  return tail;
}

}  // namespace gateway::cli
