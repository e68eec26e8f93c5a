#include "gateway/cli/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <system_error>

#include "gateway/cli/version.h"
#include "gateway/config/names.h"

namespace gateway::cli {
namespace {

using ingest::Failure;
using Parsed = ingest::Result<Command, std::string>;

constexpr const char* kExamples = R"(Examples:
  weir serve                                      on 127.0.0.1: HTTP 8080, StatsD 8125
  weir serve --config /etc/weir.yaml
  weir serve --set http.listen=127.0.0.1:9000 --set time.tick=500ms
  weir demo                                       a made-up web shop to look at, no setup
  weir check /etc/weir.yaml && systemctl restart weir
  weir check --defaults > weir.yaml               every key, with its default
  weir tail 'http.*' --stats count,p99            what is measured, as it changes
  weir query 'http.*' --by route --last 5m        what was measured
  weir send checkout.latency 12.5 --type timer    one reading, from a script or to try it out
  weir record night.weir --for 8h                 what a feed receives, into a file
  weir replay night.weir --speed 10               and again, ten times as fast
  weir bench --connections 5000                   what this machine makes of it
  weir bench ingest --find-zero-loss              and of how many lines a second

Exit status: 0 ended in order, 1 cannot go on, 2 the configuration or the command line is wrong.)";

constexpr const char* kServeExamples =
    R"(A key is taken from --set, else from the environment (WEIR_HTTP_LISTEN), else from the file, else it
has its default. Port 0 takes a free port; what was taken is printed, a line for each socket:
  event=listening what=http address=127.0.0.1:40123

SIGTERM and Ctrl-C end it in order: subscribers are told, what was counted is handed over. A second
one ends it at once.

Examples:
  weir serve --set http.listen=0.0.0.0:8080 --set http.hosts=weir.example.org
  weir serve --set 'feeds=[{listen: "udp://0.0.0.0:8125", format: statsd}]'
  weir serve --pages my-pages                     your own pages, at /pages/)";

constexpr const char* kDemoExamples =
    R"(As weir serve, with a web shop that does not exist: requests by service, route, region and host, queues, a
database, users, orders. Every minute and a half one route of one region becomes slow and fails for a while.
Open what is printed, and look for it:
  http.request.duration by route, p99       http.errors by region       users.active, distinct

Your own samples are welcome besides: the feeds are those of weir serve.

Examples:
  weir demo
  weir demo --set http.listen=127.0.0.1:9000 --seed 7)";

/// What was typed and is not ours, with what may have been meant.
std::string unknown(const std::string& word, const CLI::App& app) {
  std::vector<std::string> known;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames())
      known.push_back("--" + name);
  }
  for (const CLI::App* command : app.get_subcommands({}))
    known.push_back(command->get_name());
  const std::vector<std::string_view> views{known.begin(), known.end()};
  const std::string_view meant = config::nearest(word, views);
  std::string text = "\"" + word + "\" is unknown";
  if (!meant.empty()) text += ", did you mean " + std::string{meant} + "?";
  return text;
}

/// The command line as the library sees it, and where it puts what it finds.
class Grammar {
 public:
  Grammar() {
    app_.footer(kExamples);
    app_.set_version_flag("--version", "weir " + std::string{version()}, "Print the version");
    app_.allow_extras();
    serve_->footer(kServeExamples);
    add_serving(*serve_);
    demo_->footer(kDemoExamples);
    add_serving(*demo_);
    demo_->add_option("--seed", seed_, "Another shop: the same number gives the same one")
        ->type_name("N")
        ->capture_default_str()
        ->take_last();
    check_->allow_extras();
    check_->add_option("file", file_, "The configuration file")->type_name("FILE");
    check_->add_flag("--defaults", defaults_, "Print every key with its default and meaning");
  }

  Parsed parse(std::vector<std::string> arguments) {
    std::reverse(arguments.begin(), arguments.end());  // as the library wants them
    try {
      app_.parse(arguments);
      return command();
    } catch (const CLI::CallForHelp&) {
      return Command{PrintText{help()}};
    } catch (const CLI::CallForAllHelp&) {
      return Command{PrintText{help()}};
    } catch (const CLI::CallForVersion& asked) {
      return Command{PrintText{std::string{asked.what()} + "\n"}};
    } catch (const CLI::ParseError& fault) {
      return wrong(fault.what());
    }
  }

 private:
  Parsed command() {
    const std::vector<CLI::App*> chosen = app_.get_subcommands();
    const CLI::App& here = chosen.empty() ? app_ : *chosen.front();
    const std::vector<std::string> extras = app_.remaining(true);
    if (!extras.empty()) return wrong(unknown(extras.front(), here));
    if (chosen.empty()) return Failure{app_.help()};
    if (chosen.size() > 1) return wrong("one command at a time");
    if (chosen.front() == tail_.app()) return taken(tail_);
    if (chosen.front() == query_.app()) return taken(query_);
    if (chosen.front() == send_.app()) return taken(send_);
    if (chosen.front() == record_.app()) return taken(record_);
    if (chosen.front() == replay_.app()) return replay();
    if (chosen.front() == bench_.app()) return bench();
    return chosen.front() == check_ ? check() : serve(*chosen.front());
  }

  void add_serving(CLI::App& command) {
    command.allow_extras();
    command.add_option("--config", config_, "The configuration file")
        ->type_name("FILE")
        ->take_last();
    command.add_option("--set", settings_, "Override one key; may be given again")
        ->type_name("KEY=VALUE")
        ->take_all()
        ->allow_extra_args(false);
    command.add_option("--pages", pages_, "Serve the files of this folder at /pages/")
        ->type_name("DIR")
        ->take_last();
  }

  Parsed serve(const CLI::App& chosen) {
    Serve serve;
    if (chosen.count("--config") > 0) serve.sources.file = config_;
    serve.sources.settings = settings_;
    std::error_code fault;
    if (chosen.count("--pages") > 0) {
      if (!std::filesystem::is_directory(pages_, fault)) {
        return wrong("--pages \"" + pages_ + "\" is no folder");
      }
      serve.pages_dir = pages_;
    }
    if (&chosen == demo_) return Command{Demo{std::move(serve), seed_}};
    return Command{std::move(serve)};
  }

  Parsed bench() {
    if (!bench_.app()->got_subcommand(bench_ingest_.app())) return Command{bench_.take()};
    return taken(bench_ingest_);
  }

  Parsed replay() {
    auto wanted = replay_.take();
    if (!wanted) return wrong(wanted.error());
    return std::visit([](auto& one) { return Parsed{Command{std::move(one)}}; }, *wanted);
  }

  template <class Arguments>
  Parsed taken(const Arguments& arguments) {
    auto wanted = arguments.take();
    if (!wanted) return wrong(wanted.error());
    return Command{*std::move(wanted)};
  }

  Parsed check() {
    if (defaults_) return Command{PrintDefaults{}};
    if (file_.empty()) return wrong("which file?");
    return Command{Check{file_}};
  }

  std::string help() {
    const std::vector<CLI::App*> chosen = app_.get_subcommands();
    if (chosen.empty()) return app_.help();
    const std::vector<CLI::App*> inner = chosen.front()->get_subcommands();
    return inner.empty() ? chosen.front()->help("weir") : inner.front()->help("weir bench");
  }
  /// "weir bench ingest".
  std::string name() const {
    std::string name = "weir";
    for (std::vector<CLI::App*> at = app_.get_subcommands(); !at.empty();
         at = at.front()->get_subcommands())
      name += " " + at.front()->get_name();
    return name;
  }

  Failure<std::string> wrong(const std::string& what) {
    return {name() + ": " + what + "\nTry: " + name() + " --help"};
  }

  CLI::App app_{
      "Weir reads metric events and pushes windowed statistics to every browser that asked.",
      "weir"};
  CLI::App* serve_ = app_.add_subcommand("serve", "Read feeds, serve the dashboard and WebSockets");
  CLI::App* demo_ = app_.add_subcommand("demo", "Serve a made-up web shop, to see what Weir shows");
  CLI::App* check_ =
      app_.add_subcommand("check", "Say everything that is wrong in a configuration file");
  TailArguments tail_{app_};
  QueryArguments query_{app_};
  SendArguments send_{app_};
  RecordArguments record_{app_};
  ReplayArguments replay_{app_};
  BenchArguments bench_{app_};
  BenchIngestArguments bench_ingest_{*bench_.app()};
  std::string config_;
  std::vector<std::string> settings_;
  std::string pages_;
  std::uint64_t seed_ = 1;
  std::string file_;
  bool defaults_ = false;
};

}  // namespace

Parsed parse_command_line(const std::vector<std::string>& arguments) {
  return Grammar{}.parse(arguments);
}

}  // namespace gateway::cli
