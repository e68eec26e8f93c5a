#include "gateway/cli/bench_fanout.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <ostream>
#include <thread>
#include <utility>

#include "gateway/cli/command_line.h"
#include "gateway/cli/fanout_measures.h"
#include "gateway/cli/progress.h"
#include "ingest/io/descriptor_limit.h"

namespace gateway::cli {
namespace {

constexpr const char* kFooter =
    R"(A Weir of its own runs in another process, and a bare loop of send() in a third: both are read by the same
sockets, in turns, so that what else this machine does meets both. Processor time of the Weir is that of the
whole process: lines, windows, encoding and sending. Every number stands beside its goal; a goal that was
missed gives status 1. It takes some six minutes on a quiet machine, and 10,200 descriptors.

Parts for --only: cost (500 readers at 10 Hz: plain, deflated, four streams), storm (10,000 readers at 1 Hz,
with pings), stalled (500 of 1,000 take nothing for 20 s, then for 60 s), encoding (10,000 groups), bytes
(10,000 rows of which a fifth changes each second).

Examples:
  weir bench fanout
  weir bench fanout --only cost --json
  weir bench fanout --quick)";

template <class... Values>
std::string line(const char* format, Values... values) {
  std::array<char, 240> text{};
  std::snprintf(text.data(), text.size(), format, values...);  // NOLINT(*-vararg): columns
  return text.data();
}

std::string with_unit(double number, const char* unit) {
  const int digits = std::abs(number) < 100 && std::floor(number) != number ? 2 : 0;
  return line("%.*f%s%s", digits, number, *unit == 'x' ? "" : " ", unit);
}

std::string row(const FanoutNumber& number) {
  return line("%-66s %12s %12s  %-6s  %s\n", number.what.c_str(),
              with_unit(number.measured, number.unit).c_str(),
              with_unit(number.goal, number.unit).c_str(), number.met() ? "" : "MISSED",
              number.besides.c_str());
}

nlohmann::json json_of(const FanoutNumber& number) {
  return {{"key", number.key},        {"what", number.what}, {"measured", number.measured},
          {"goal", number.goal},      {"unit", number.unit}, {"met", number.met()},
          {"besides", number.besides}};
}

unsigned workers_here() {
  const unsigned cores = std::thread::hardware_concurrency();
  return cores > 1 ? cores - 1 : 1;
}

}  // namespace

BenchFanoutArguments::BenchFanoutArguments(const Syntax& bench)
    : syntax_(
          bench.command("fanout", "Measure what many readers cost, beside bare send()s", kFooter)) {
  syntax_.number(wish_.workers, {"--workers", "Of the Weir, and threads of the bare loop", "N"},
                 {1, 64});
  syntax_.list(wish_.only,
               {"--only", "Some parts: cost, storm, stalled, encoding, bytes", "PARTS"});
  syntax_.flag(wish_.quick, "--quick", "Few readers, short: to see that it works, judges nothing");
  syntax_.flag(wish_.json, "--json", "One JSON object");
}

ingest::Result<BenchFanout, std::string> BenchFanoutArguments::take() const {
  const std::vector<std::string>& parts = FanoutPlan::parts();
  for (const std::string& part : wish_.only) {
    if (std::find(parts.begin(), parts.end(), part) == parts.end())
      return ingest::Failure{"--only \"" + part +
                             "\" is no part, allowed is cost, storm, stalled, encoding or bytes"};
  }
  return wish_;
}

Exit bench_fanout(const BenchFanout& wanted, std::ostream& out, std::ostream& err) {
  ingest::io::raise_descriptor_limit();
  FanoutPlan plan;
  plan.workers = wanted.workers > 0 ? static_cast<unsigned>(wanted.workers) : workers_here();
  plan.quick = wanted.quick;
  plan.only = wanted.only;
  Progress shown{err};
  const auto progress = [&](const std::string& what) { shown.say(what); };
  nlohmann::json all = nlohmann::json::array();
  bool met = true;
  if (!wanted.json)
    out << line("%-66s %12s %12s\n", "many readers", "measured", "goal") << std::flush;
  const auto tell = [&](const FanoutNumber& number) {
    shown.clear();
    met = met && number.met();
    all.push_back(json_of(number));
    if (!wanted.json) out << row(number) << std::flush;
  };
  const auto done = measure_fanout(plan, tell, progress);
  shown.clear();
  if (!done) {
    err << "weir bench fanout: " << done.error().what << "\n";
    return Exit::CannotGoOn;
  }
  if (wanted.json)
    out << nlohmann::json{{"workers", plan.workers}, {"quick", plan.quick}, {"numbers", all}}.dump(
               2)
        << std::endl;
  return met || plan.quick ? Exit::Good : Exit::CannotGoOn;
}

}  // namespace gateway::cli
