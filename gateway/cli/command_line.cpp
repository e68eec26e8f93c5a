#include "gateway/cli/command_line.h"

#include <chrono>
#include <filesystem>
#include <system_error>

#include "gateway/cli/completion.h"
#include "gateway/cli/version.h"
#include "gateway/tools/data_rows.h"
#include "ingest/base/units.h"

namespace gateway::cli {
namespace {

using Parsed = ingest::Result<Command, std::string>;

constexpr const char* kExamples = R"(Examples:
  weir serve                                      on 127.0.0.1: HTTP 8080, StatsD 8125
  weir serve --config /etc/weir.yaml
  weir serve --set http.listen=127.0.0.1:9000 --set time.tick=500ms
  weir demo                                       a made-up web shop to look at, no setup
  weir demo --data flights-20k.json               real data, as if they happened now
  weir check /etc/weir.yaml && systemctl restart weir
  weir check --defaults > weir.yaml               every key, with its default
  weir check --print /etc/weir.yaml               every key as weir serve would have it
  weir check --server http://127.0.0.1:8080       whether a running one is ready
  weir import-mapping statsd_exporter.yml         its names for metrics, as ours
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

constexpr const char* kCompletionExamples =
    R"(Examples:
  source <(weir completion bash)                  for this shell
  weir completion zsh > ~/.zfunc/_weir            for good, where ~/.zfunc is in $fpath
  weir completion fish > ~/.config/fish/completions/weir.fish)";

constexpr const char* kDemoExamples =
    R"(As weir serve, with a web shop that does not exist: requests by service, route, region and host, queues, a
database, users, orders. Every minute and a half one route of one region becomes slow and fails for a while.
Open what is printed, and look for it:
  http.request.duration by route, p99       http.errors by region       users.active, distinct

With --data the shop makes room for real data: a JSON file with an array of rows, or GeoJSON. The rows come in
the order of their own time, as if they happened now, all of them within --lasts, and again from the first.
Numbers are timers called FILE.FIELD, texts with few different values are tags, and each row counts as FILE.rows.
npm's vega-datasets has such files: flights-20k.json (look at flights-20k.delay by origin, p90, early ones are
negative) and earthquakes.json (earthquakes.mag by net, max).

Your own samples are welcome besides: the feeds are those of weir serve.

Examples:
  weir demo
  weir demo --set http.listen=127.0.0.1:9000 --seed 7
  npm install vega-datasets@2 && weir demo --data node_modules/vega-datasets/data/flights-20k.json
  weir demo --data earthquakes.json --lasts 1min --loop 1)";
constexpr const char* kImportExamples =
    R"(Prints the part of weir.yaml that names metrics as that file does: rules by glob first, then those by
regular expression, as statsd_exporter tries them. What cannot be carried is said on stderr, a line each:
  FILE:12: ttl: why

Exit status: 0 all of it is carried, 1 some of it is not (what is stands on stdout all the same),
2 the file cannot be read.

Examples:
  weir import-mapping statsd_exporter.yml > metrics.yaml
  weir import-mapping statsd_exporter.yml >> /etc/weir.yaml && weir check /etc/weir.yaml)";

static_assert(tools::DataRows::kFileBytesMax >> 20U == 256, "--help says so");
constexpr ingest::Millis kLastsMin{1'000};
constexpr ingest::Millis kLastsMax = std::chrono::hours{24 * 30};

/// All commands, and where they put what they find.
class Grammar {
 public:
  Grammar() {
    add_serving(serve_);
    add_serving(demo_);
    demo_.number(source_.seed, {"--seed", "Another shop: the same number gives the same one", "N"});
    demo_.text(
        source_.path,
        {"--data", "Instead of the shop: up to 256 MiB of rows with a time, as JSON", "FILE"});
    demo_.text(lasts_, {"--lasts", "How long all of them take", "TIME"});
    demo_.number(source_.rounds,
                 {"--loop", "How often, one after the other; 0: until the end", "N"});
    completion_.text(shell_, {"shell", "bash, zsh or fish", "SHELL"});
    check_.text(file_, {"file", "The configuration file", "FILE"});
    check_.text(server_, {"--server", "Instead of a file: whether the Weir there is ready", "URL"});
    check_.flag(defaults_, "--defaults", "Print every key with its default and meaning");
    check_.flag(print_, "--print",
                "Print every key as it is: from the file, the environment and --set");
    check_.again(settings_,
                 {"--set", "With --print: override one key; may be given again", "KEY=VALUE"});
    import_.text(file_, {"file", "The mapping file of statsd_exporter", "FILE"});
  }

  Parsed parse(std::vector<std::string> arguments) {
    const auto text = TRY(parser_.parse(std::move(arguments)));
    if (text) return Command{PrintText{*text}};
    if (tail_.syntax().chosen()) return taken(tail_);
    if (query_.syntax().chosen()) return taken(query_);
    if (send_.syntax().chosen()) return taken(send_);
    if (record_.syntax().chosen()) return taken(record_);
    if (replay_.syntax().chosen()) return replay();
    if (bench_ingest_.syntax().chosen()) return taken(bench_ingest_);
    if (bench_fanout_.syntax().chosen()) return taken(bench_fanout_);
    if (bench_.syntax().chosen()) return Command{bench_.take()};
    if (check_.chosen()) return check();
    if (completion_.chosen()) return completion();
    if (import_.chosen()) {
      if (file_.empty()) return parser_.wrong("which file?");
      return Command{ImportMapping{file_}};
    }
    return demo_.chosen() ? demo() : serve();
  }

 private:
  void add_serving(const Syntax& command) {
    command.text(config_, {"--config", "The configuration file", "FILE"});
    command.again(settings_, {"--set", "Override one key; may be given again", "KEY=VALUE"});
    command.text(pages_, {"--pages", "Serve the files of this folder at /pages/", "DIR"});
  }

  ingest::Result<Serve, std::string> serving(const Syntax& command) const {
    Serve serve;
    if (command.given("--config")) serve.sources.file = config_;
    serve.sources.settings = settings_;
    if (!command.given("--pages")) return serve;
    std::error_code fault;
    if (!std::filesystem::is_directory(pages_, fault))
      return parser_.wrong("--pages \"" + pages_ + "\" is no folder");
    serve.pages_dir = pages_;
    return serve;
  }

  Parsed serve() { return Command{TRY(serving(serve_))}; }
  Parsed demo() {
    Demo demo{TRY(serving(demo_)), source_};
    const auto lasts = ingest::read_duration(lasts_, ingest::Units::Required);
    if (!lasts) return parser_.wrong("--lasts " + lasts.error());
    if (*lasts < kLastsMin || *lasts > kLastsMax)
      return parser_.wrong("--lasts " + lasts_ + " is out of range, allowed is 1s to 30d");
    demo.source.lasts = *lasts;
    for (const char* word : {"--lasts", "--loop"}) {
      if (source_.path.empty() && demo_.given(word))
        return parser_.wrong(std::string{word} + " is for --data");
    }
    return Command{std::move(demo)};
  }

  Parsed replay() {
    auto wanted = replay_.take();
    if (!wanted) return parser_.wrong(wanted.error());
    return std::visit([](auto& one) { return Parsed{Command{std::move(one)}}; }, *wanted);
  }

  template <class Arguments>
  Parsed taken(const Arguments& arguments) {
    auto wanted = arguments.take();
    if (!wanted) return parser_.wrong(wanted.error());
    return Command{*std::move(wanted)};
  }

  Parsed check() {
    if (defaults_ && print_) return parser_.wrong("either --defaults or --print");
    if (defaults_) return Command{PrintDefaults{}};
    if (check_.given("--server")) return check_server();
    if (print_) {
      PrintEffective print{.sources = {.file = {}, .environment = {}, .settings = settings_}};
      if (!file_.empty()) print.sources.file = file_;
      return Command{std::move(print)};
    }
    if (check_.given("--set")) return parser_.wrong("--set is for --print");
    if (file_.empty()) return parser_.wrong("which file?");
    return Command{Check{file_}};
  }

  Parsed completion() {
    if (shell_.empty()) return parser_.wrong("for which shell?");
    const auto script = completion_script(shell_, parser_.words());
    if (!script) return parser_.wrong("\"" + shell_ + "\" is unknown, known are bash, zsh, fish");
    return Command{PrintText{*script}};
  }

  Parsed check_server() const {
    auto wanted = parse_server(server_);
    if (!wanted) return parser_.wrong(wanted.error());
    return Command{*std::move(wanted)};
  }

  Parser parser_{
      {.name = "weir",
       .what = "Weir reads metric events and pushes windowed statistics to every browser that "
               "asked.",
       .footer = kExamples,
       .version = "weir " + std::string{version()}}};
  Syntax weir_ = parser_.root();
  Syntax serve_ =
      weir_.command("serve", "Read feeds, serve the dashboard and WebSockets", kServeExamples);
  Syntax demo_ = weir_.command(
      "demo", "Serve a made-up web shop, or real data, to see what Weir shows", kDemoExamples);
  Syntax check_ =
      weir_.command("check", "Say everything that is wrong in a configuration file", "");
  Syntax import_ =
      weir_.command("import-mapping", "Say a mapping file of statsd_exporter as metrics.mapping",
                    kImportExamples);
  TailArguments tail_{weir_};
  QueryArguments query_{weir_};
  SendArguments send_{weir_};
  RecordArguments record_{weir_};
  ReplayArguments replay_{weir_};
  BenchArguments bench_{weir_};
  BenchIngestArguments bench_ingest_{bench_.syntax()};
  BenchFanoutArguments bench_fanout_{bench_.syntax()};
  Syntax completion_ = weir_.command("completion", "Print what makes a shell complete these words",
                                     kCompletionExamples);
  std::string config_;
  std::vector<std::string> settings_;
  std::string pages_;
  tools::DemoSource source_;
  std::string lasts_ = "10min";
  std::string file_;
  std::string server_;
  bool defaults_ = false;
  bool print_ = false;
  std::string shell_;
};

}  // namespace

Parsed parse_command_line(const std::vector<std::string>& arguments) {
  return Grammar{}.parse(arguments);
}

}  // namespace gateway::cli
