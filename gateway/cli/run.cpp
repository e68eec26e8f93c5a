#include "gateway/cli/run.h"

#include <unistd.h>

#include <optional>
#include <ostream>

#include "gateway/cli/command_line.h"
#include "gateway/cli/door.h"
#include "gateway/cli/import_mapping.h"
#include "gateway/cli/memory_cost.h"
#include "gateway/cli/query.h"
#include "gateway/cli/serve.h"
#include "gateway/cli/tail.h"
#include "gateway/cli/token_option.h"
#include "gateway/config/keys.h"

namespace gateway::cli {
namespace {

/// Each fault on a line of its own.
Exit refuse(const std::vector<config::Fault>& faults, std::ostream& err) {
  for (const config::Fault& fault : faults)
    err << to_text(fault) << "\n";
  return Exit::Configuration;
}

Exit run_server(const Serve& command, const std::optional<tools::DemoSource>& demo,
                const Environment& environment) {
  config::Sources sources = command.sources;
  sources.environment = environment.variables;
  // What is shown stays out of the archive, unless somebody says where to put it.
  if (demo) sources.settings.insert(sources.settings.begin(), "archive.path=");
  const config::Loaded loaded = config::load(sources);
  if (!loaded) return refuse(loaded.error(), environment.err);
  Serving serving{.pages_dir = command.pages_dir, .demo = demo};
  if (sources.file) serving.reread = [sources] { return config::load(sources); };
  return serve(*loaded, serving, environment.out, environment.err);
}

Exit carry_out(const Serve& command, const Environment& environment) {
  return run_server(command, std::nullopt, environment);
}

Exit carry_out(const Demo& command, const Environment& environment) {
  return run_server(command.serve, command.source, environment);
}

Exit carry_out(const Check& command, const Environment& environment) {
  const config::Loaded loaded =
      config::load({.file = command.file, .environment = {}, .settings = {}});
  if (!loaded) return refuse(loaded.error(), environment.err);
  const auto tls = open_tls(*loaded);
  if (!tls)
    return refuse({{.where = command.file, .key = {}, .what = tls.error().what}}, environment.err);
  environment.out << command.file << ": good\n" << memory_cost_text(*loaded);
  return Exit::Good;
}

Exit carry_out(const CheckServer& command, const Environment& environment) {
  return check_server(command, environment.out, environment.err);
}

Exit carry_out(const Tail& command, const Environment& environment) {
  return tail(command, STDOUT_FILENO, environment.err);
}

Exit carry_out(const QueryWish& command, const Environment& environment) {
  return query(command, STDOUT_FILENO, environment.err);
}

Exit refuse_token(const char* command, const std::string& why, std::ostream& err) {
  err << command << ": " << why << "\n";
  return Exit::Configuration;
}

Exit carry_out(const Send& command, const Environment& environment) {
  auto token = read_token(command.token_file, environment.variables);
  if (!token) return refuse_token("weir send", token.error(), environment.err);
  Send with_token = command;
  with_token.target.token = *std::move(token);
  return send(with_token, STDIN_FILENO, environment.err);
}

Exit carry_out(const RecordWish& command, const Environment& environment) {
  return record(command, environment.out, environment.err);
}

Exit carry_out(const Replay& command, const Environment& environment) {
  auto token = read_token(command.token_file, environment.variables);
  if (!token) return refuse_token("weir replay", token.error(), environment.err);
  Replay with_token = command;
  with_token.token = *std::move(token);
  return replay(with_token, environment.out, environment.err);
}

Exit carry_out(const ReplayQuery& command, const Environment& environment) {
  return replay_query(command, environment.out, environment.err);
}

Exit carry_out(const Bench& command, const Environment& environment) {
  return bench(command, environment.out, environment.err);
}

Exit carry_out(const BenchIngest& command, const Environment& environment) {
  return bench_ingest(command, environment.out, environment.err);
}

Exit carry_out(const BenchFanout& command, const Environment& environment) {
  return bench_fanout(command, environment.out, environment.err);
}

Exit carry_out(const ImportMapping& command, const Environment& environment) {
  return import_mapping(command.file, environment.out, environment.err);
}

Exit carry_out(const PrintDefaults& /*command*/, const Environment& environment) {
  environment.out << config::reference_text();
  return Exit::Good;
}

Exit carry_out(const PrintEffective& command, const Environment& environment) {
  config::Sources sources = command.sources;
  sources.environment = environment.variables;
  const config::Loaded loaded = config::load(sources);
  if (!loaded) return refuse(loaded.error(), environment.err);
  environment.out << config::document_text(*loaded);
  return Exit::Good;
}

Exit carry_out(const PrintText& command, const Environment& environment) {
  environment.out << command.text;
  return Exit::Good;
}

}  // namespace

int run(const Environment& environment) {
  const auto command = parse_command_line(environment.arguments);
  if (!command) {
    environment.err << command.error() << "\n";
    return static_cast<int>(Exit::Configuration);
  }
  const auto wanted = [&](const auto& what) { return carry_out(what, environment); };
  const Exit exit = std::visit(wanted, *command);
  return static_cast<int>(exit);
}

}  // namespace gateway::cli
