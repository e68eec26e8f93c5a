#include "gateway/cli/replay_query.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <ostream>

#include "gateway/cli/command_line.h"
#include "gateway/cli/progress.h"
#include "ingest/base/units.h"
#include "ingest/io/real_clock.h"
#include "ingest/query/fault.h"

namespace gateway::cli {
namespace {

using ingest::Failure;
using ingest::Millis;
using ingest::Result;
using ingest::record::Ending;
namespace query = ingest::query;
namespace replay = ingest::replay;

constexpr Millis kWindowMax = std::chrono::hours{24 * 366};
constexpr Millis kPaneMax{60'000};
constexpr const char* kHeading = "Of a query";
/// Windows that are open at once, each looked at in every tick.
constexpr std::int64_t kOpenWindowsMax = 100'000;
constexpr std::int64_t kSlidesMax = 100'000;  // of a window: each is a tick, idle or not

Result<void, std::string> read_time(const char* name, const std::string& text, Millis& to) {
  if (text.empty()) return {};
  auto read = ingest::read_duration(text);
  if (!read) return Failure{std::string{name} + " " + read.error()};
  if (*read < Millis{0} || *read > kWindowMax)
    return Failure{std::string{name} + " is from 0s to 366d"};
  to = *read;
  return {};
}

/// What was counted, for the person at the terminal; a pipe gets it on stderr, too.
std::string account_text(const replay::Account& account) {
  std::string text = std::to_string(account.lines.received) + " lines";
  const auto part = [&](std::uint64_t count, const char* what) {
    if (count > 0) text += ", " + std::to_string(count) + what;
  };
  part(account.lines.rejected_total(), " rejected");
  part(account.lines.cut.truncated + account.lines.cut.tcp_tail, " cut off");
  text += "; " + std::to_string(account.produced) + " samples";
  part(account.late, " late");
  part(account.late_folded, " late and counted as of now");
  part(account.future, " too far ahead");
  part(account.overflow, " past a cap");
  return text + "; " + std::to_string(account.windows) + " windows";
}

std::string fault_text(const query::Fault& fault) {
  return "--query: " + fault.msg;
}

}  // namespace

ReplayQueryArguments::ReplayQueryArguments(const Syntax& replay) : syntax_(replay.under(kHeading)) {
  syntax_.text(asked_,
               {"--query", "Evaluate the file here: a metric, or a query in JSON", "QUERY"});
  add_words();
  add_time();
  syntax_.number(workers_, own({"--workers", "Threads; the output is the same", "N"}),
                 {1, replay::Shards::kShardsMax});
  syntax_.number(read_bytes_, own({"--read", "Bytes read at once; the output is the same", "N"}),
                 {1, ingest::record::kBlockBytesMax});
  const Word json = own({"--json", "Lines of JSON on a terminal too", ""});
  syntax_.flag(json_, json.name, json.what);
  const Word csv = own({"--csv", "CSV (RFC 4180)", ""});
  syntax_.flag(csv_, csv.name, csv.what);
}

// Means nothing without --query.
const Word& ReplayQueryArguments::own(const Word& word) {
  own_.push_back(word.name);
  return word;
}

void ReplayQueryArguments::add_words() {
  syntax_.list(words_.stats,
               own({"--stats", "Which numbers: count,rate,mean,p50,p99,last,...", "A,B"}));
  syntax_.list(words_.by, own({"--by", "One row for each value of these tags", "A,B"}));
  syntax_.again(where_, own({"--where", "Only these series, as weir tail takes them", "MATCHER"}));
  syntax_.text(words_.window, own({"--window", "What one number is about (10s)", "TIME"}));
  syntax_.text(words_.slide, own({"--slide", "How far windows are apart (a tenth of it)", "TIME"}));
  syntax_.text(order_, own({"--order", "By which column: p99:desc, count:asc", "COLUMN"}));
  syntax_.number(limit_, own({"--limit", "At most so many rows of each window", "N"}));
}

void ReplayQueryArguments::add_time() {
  syntax_.text(
      clock_,
      own({"--clock", "event: what lines say; wall: when they came, of a recording", "CLOCK"}));
  syntax_.text(late_, own({"--late", "Samples whose pane has closed: drop, or now", "POLICY"}));
  syntax_.text(pane_, own({"--pane", "The smallest slice of time (1s)", "TIME"}));
  syntax_.text(lateness_, own({"--lateness", "How far samples may be out of order (2s)", "TIME"}));
  syntax_.text(future_, own({"--future", "How far ahead one may be of the others (10s)", "TIME"}));
  syntax_.text(
      idle_, own({"--source-idle", "When a silent connection holds no window back (5s)", "TIME"}));
  syntax_.text(ttl_, own({"--ttl", "How long a series stays without samples (10m)", "TIME"}));
}

std::string ReplayQueryArguments::stray() const {
  const auto given =
      std::ranges::find_if(own_, [this](const char* name) { return syntax_.given(name); });
  return given == own_.end() ? std::string{} : *given;
}

Form ReplayQueryArguments::form() const {
  if (csv_) return Form::Csv;
  return json_ || isatty(STDOUT_FILENO) == 0 ? Form::Json : Form::Table;
}

Result<query::Query, std::string> ReplayQueryArguments::take_query(Millis pane) const {
  std::string text = asked_;
  if (!text.starts_with('{')) {
    Subscription words = words_;
    words.metric = asked_;
    for (const std::string& matcher : where_)
      words.where.push_back(TRY(parse_where(matcher)));
    nlohmann::json json = nlohmann::json::parse(query_text(words), nullptr, false);
    if (!order_.empty()) json["order"] = order_;
    if (limit_ > 0) json["limit"] = limit_;
    text = json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  }
  auto parsed = query::parse_query(text, {.pane = pane, .window_max = kWindowMax});
  if (!parsed) return Failure{fault_text(parsed.error())};
  return *std::move(parsed);
}

Result<replay::Options, std::string> ReplayQueryArguments::take_options() const {
  replay::Options options;
  TRY(read_time("--pane", pane_, options.pane));
  TRY(read_time("--lateness", lateness_, options.allowed_lateness));
  TRY(read_time("--future", future_, options.future));
  TRY(read_time("--source-idle", idle_, options.source_idle));
  TRY(read_time("--ttl", ttl_, options.series_ttl));
  if (options.pane < Millis{1} || options.pane > kPaneMax)
    return Failure{std::string{"--pane is from 1ms to 60s"}};
  if (clock_ != "event" && clock_ != "wall")
    return Failure{"--clock \"" + clock_ + "\" is none, allowed is event or wall"};
  if (late_ != "drop" && late_ != "now")
    return Failure{"--late \"" + late_ + "\" is none, allowed is drop or now"};
  options.time_by = clock_ == "wall" ? ingest::TimeBy::Wall : ingest::TimeBy::Event;
  options.late = late_ == "now" ? replay::Late::Now : replay::Late::Drop;
  options.workers = workers_;
  return options;
}

Result<ReplayQuery, std::string> ReplayQueryArguments::take(
    const ingest::record::SourceOptions& source) const {
  ReplayQuery wanted;
  wanted.source = source;
  wanted.source.block_bytes = read_bytes_;
  wanted.options = TRY(take_options());
  wanted.query = TRY(take_query(wanted.options.pane));
  wanted.form = form();
  if (json_ && csv_) return Failure{std::string{"--json or --csv?"}};
  if (wanted.query.window / wanted.query.slide > kSlidesMax)
    return Failure{"--window is more than " + std::to_string(kSlidesMax) +
                   " times as long as its --slide: a longer --slide?"};
  if (wanted.options.allowed_lateness / wanted.query.slide > kOpenWindowsMax)
    return Failure{"--lateness " + lateness_ + " keeps more than " +
                   std::to_string(kOpenWindowsMax) + " windows open: a longer --slide?"};
  return wanted;
}

Exit replay_query(const ReplayQuery& wanted, std::ostream& out, std::ostream& err) {
  const auto fail = [&](const std::string& what) {
    err << "weir replay: " << what << "\n";
    return Exit::CannotGoOn;
  };
  const auto source = ingest::record::open_source(wanted.source);
  if (!source) return fail(source.error().what);
  const bool is_text = (*source)->header().transport == ingest::record::Transport::Text;
  if (is_text && wanted.options.time_by == ingest::TimeBy::Wall)
    return fail("--clock wall is for recordings: a file of lines does not say when they came");
  std::string lines;
  std::optional<WindowText> text;
  const auto give = [&](const replay::FinalWindow& window) {
    text->append(window, lines);
    out << lines;
    lines.clear();
  };
  const auto evaluation = replay::Evaluation::make(wanted.options, wanted.query, give);
  if (!evaluation) {
    err << "weir replay: " << fault_text(evaluation.error()) << "\n";
    return Exit::Configuration;
  }
  text.emplace((*evaluation)->query(), wanted.form);
  text->begin(lines);
  // On one terminal with the windows it would only be in their way.
  Progress progress{err, isatty(STDOUT_FILENO) == 0 && isatty(STDERR_FILENO) != 0};
  const ingest::io::RealClock clock;
  const replay::Account account = (*evaluation)->run(**source, [&] {
    const auto [given, size] = (*source)->extent();
    progress.at(clock.mono(), given, size);
    return out.good();
  });
  progress.clear();
  out << lines << std::flush;
  err << "weir replay: " << account_text(account) << "\n";
  const Ending& ending = (*source)->ending();
  if (!ending.sentence.empty()) err << "weir replay: " << ending.sentence << "\n";
  const bool good = ending.how == Ending::How::Whole || ending.how == Ending::How::Cut;
  return good ? Exit::Good : Exit::CannotGoOn;
}

}  // namespace gateway::cli
