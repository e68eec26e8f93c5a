#include "gateway/cli/tail_arguments.h"

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

TailArguments::TailArguments(const Syntax& weir)
    : syntax_(weir.command("tail", "Show what a running Weir measures, as it changes", kFooter)) {
  Subscription& wanted = tail_.subscription;
  syntax_.text(wanted.metric,
               {"metric", "A name; * is any run within a segment, ** any run", "METRIC"});
  syntax_.list(wanted.stats, {"--stats", "Which numbers: count,rate,mean,p50,p99,last,...", "A,B"});
  syntax_.list(wanted.by, {"--by", "One row for each value of these tags", "TAG,TAG"});
  syntax_.again(where_, {"--where",
                         "Only these series; may be given again: region=eu, env!=test, "
                         "host=~web-.*, 'env in prod,stage', 'canary exists'",
                         "MATCHER"});
  syntax_.text(wanted.window, {"--window", "What one number is about (10s)", "TIME"});
  syntax_.text(wanted.slide, {"--slide", "How often the window moves (a tenth of it)", "TIME"});
  syntax_.text(wanted.rate, {"--rate", "How often to hear (1s)", "TIME"});
  syntax_.text(tail_.order, {"--order", "By which column: p99:desc, route:asc", "COLUMN"});
  syntax_.number(tail_.limit, {"--limit", "At most so many rows, the first in that order", "N"});
  syntax_.text(
      tail_.url,
      {"--url", "Where Weir is: 127.0.0.1:8080, wss://HOST, ws+unix:///run/weir.sock", "URL"});
  syntax_.text(tail_.ca_file,
               {"--ca", "Trust the authorities in this PEM file instead of the system's", "FILE"});
  syntax_.flag(tail_.json, "--json", "Lines of JSON on a terminal too");
  syntax_.flag(tail_.once, "--once", "Show one table and end; no second attempt");
  syntax_.number(tail_.windows, {"--count", "End after so many tables", "N"});
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
