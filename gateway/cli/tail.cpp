#include "gateway/cli/tail.h"

#include <unistd.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>
#include <utility>

#include "gateway/cli/json_fields.h"
#include "gateway/cli/live_table.h"
#include "gateway/cli/output.h"
#include "gateway/cli/subscription.h"
#include "gateway/cli/tail_view.h"
#include "gateway/cli/version.h"
#include "gateway/tls/context.h"
#include "gateway/ws/close_code.h"
#include "gateway/ws_client/client.h"
#include "ingest/io/real_clock.h"
#include "ingest/io/signals.h"

namespace gateway::cli {
namespace {

using ingest::Millis;
using ingest::Result;
using ingest::io::EventLoop;
using nlohmann::json;
using ws_client::Ending;

/// A healthy server says something every 10 s (PROTOCOL.md, `hb`).
constexpr Millis kStaleAfter{12'000};
constexpr Millis kLook{1'000};
/// What closing in order, and a slow reader's last lines, may take once we are told to go.
constexpr Millis kLeave{500};
constexpr const char* kDefaultUrl = "127.0.0.1:8080";

TailView::Form form_of(const Tail& wanted, int out) {
  if (wanted.json || ::isatty(out) == 0) return TailView::Form::Lines;
  return wanted.windows > 0 ? TailView::Form::Print : TailView::Form::Screen;
}

ws_client::ClientOptions client_options(const Tail& wanted, ws_client::Url url) {
  ws_client::ClientOptions options;
  options.url = std::move(url);
  options.protocols = {"weir.v1.json"};
  options.headers = {{"User-Agent", "weir-tail/" + std::string{version()}}};
  options.reconnect = wanted.once ? ws_client::Reconnect::Never : ws_client::Reconnect::Always;
  return options;
}

std::string hint(const Tail& wanted, const std::string& words) {
  const bool nobody = words.find("connection refused") != std::string::npos;
  return nobody && wanted.url.empty()
             ? " (is Weir running? Start it with weir serve, or name it with --url)"
             : "";
}

class Tailing final : public ws_client::ClientListener {
 public:
  Tailing(const Tail& wanted, EventLoop& loop, TailView& view)
      : wanted_(wanted), loop_(loop), view_(view) {}
  Tailing(const Tailing&) = delete;
  Tailing& operator=(const Tailing&) = delete;
  /// The loop goes on after us, for a slow reader's last lines.
  ~Tailing() override {
    loop_.cancel(look_);
    loop_.cancel(leave_);
  }

  void begin(ws_client::Client& client) {
    client_ = &client;
    client.start();
    if (view_.is_screen()) say("connecting");
    look();
  }
  /// A signal, or the reader of our output has gone.
  void leave() {
    if (std::exchange(leaving_, true)) return loop_.stop();
    leave_ = loop_.at(loop_.mono() + kLeave, [this] { loop_.stop(); });
    client_->close(ws::kCloseNormal, "");
  }
  Exit exit() const { return exit_; }
  const std::string& last_words() const { return last_words_; }

  void opened(const ws::Opened& /*opened*/) override {
    heard_ = loop_.mono();
    client_->send_text(hello_text(wanted_.subscription, version(), table_.position()));
    say("");
  }
  void text(std::string_view message) override;
  void binary(ingest::ByteView /*message*/) override {}
  void ended(const Ending& ending, std::optional<Millis> again_in) override;

 private:
  void look();
  void say(const std::string& sentence) {
    if (!leaving_) view_.state(table_, sentence);
  }
  void apply(const json& message);
  void refused(const json& message);
  void done(Exit exit, const std::string& last_words);

  const Tail& wanted_;
  EventLoop& loop_;
  TailView& view_;
  ws_client::Client* client_ = nullptr;
  LiveTable table_;
  ingest::MonoTime heard_{};
  std::uint64_t windows_ = 0;
  bool leaving_ = false;
  EventLoop::TimerId look_ = 0;
  EventLoop::TimerId leave_ = 0;
  Exit exit_ = Exit::Good;
  std::string last_words_;
};

/// Ends the command; `last_words` are for when the terminal is given back.
void Tailing::done(Exit exit, const std::string& last_words) {
  exit_ = exit;
  last_words_ = last_words;
  leave();
}

/// Once a second: says when nothing is heard, and follows a terminal's size.
void Tailing::look() {
  look_ = loop_.at(loop_.mono() + kLook, [this] { look(); });
  if (!client_->is_open()) return;
  const bool stale = loop_.mono() - heard_ > kStaleAfter;
  say(stale ? "stale: the server has said nothing for more than 12 s" : "");
}

void Tailing::text(std::string_view message) {
  heard_ = loop_.mono();
  if (leaving_) return;
  const json parsed = json::parse(message, nullptr, false);
  const std::string type = parsed.is_object() ? text_at(parsed, "t") : "";
  if (type == "err") return refused(parsed);
  if (type == "unsubd") {
    return done(Exit::CannotGoOn, "the server ended the subscription: " + text_at(parsed, "code"));
  }
  if (type == "bye") {
    const auto after = parsed.find("after");
    const bool range = after != parsed.end() && after->is_array() && after->size() == 2 &&
                       (*after)[0].is_number_unsigned() && (*after)[1].is_number_unsigned();
    if (!range) return;
    const auto least = (*after)[0].get<std::uint32_t>();
    const auto most = (*after)[1].get<std::uint32_t>();
    if (least <= most) client_->come_back_after(Millis{least}, Millis{most});
    return;
  }
  apply(parsed);
}

void Tailing::apply(const json& message) {
  const auto change = table_.apply(message);
  if (!change) {
    table_.forget();
    say(change.error() + "; asking anew");
    return client_->reconnect(ws::kClosePolicy, "");
  }
  using Kind = LiveTable::Change::Kind;
  if (change->kind == Kind::Gap) return say("reading too slowly: the server left frames out");
  if (change->kind == Kind::Nothing) return;
  view_.changed(table_, *change);
  if (change->kind != Kind::Table || wanted_.windows == 0) return;
  if (++windows_ >= wanted_.windows) done(Exit::Good, "");
}

/// An `err`: about our subscription it ends us unless the same may succeed later.
void Tailing::refused(const json& message) {
  const auto retry = message.find("retry");
  const bool later = retry != message.end() && retry->is_boolean() && retry->get<bool>();
  const std::string why = text_at(message, "msg") + " (" + text_at(message, "code") + ")";
  if (later && !wanted_.once) {
    say("the server cannot answer now: " + why);
    return client_->reconnect(ws::kCloseNormal, "");
  }
  done(later ? Exit::CannotGoOn : Exit::Configuration, "the server refused the query: " + why);
}

void Tailing::ended(const Ending& ending, std::optional<Millis> again_in) {
  if (leaving_) return loop_.stop();
  if (!again_in) {
    exit_ = Exit::CannotGoOn;
    last_words_ = ending.sentence;
    leaving_ = true;
    return loop_.stop();
  }
  say(ending.sentence + hint(wanted_, ending.sentence) + "; trying again");
}

Result<std::unique_ptr<tls::ClientContext>> open_trust(const Tail& wanted,
                                                       ws_client::Security security) {
  if (security == ws_client::Security::Plain) return std::unique_ptr<tls::ClientContext>{};
  using Trust = tls::ClientContext::Trust;
  return tls::ClientContext::open(
      {.trust = wanted.ca_file.empty() ? Trust::System : Trust::File, .ca_file = wanted.ca_file});
}

struct Parts {
  EventLoop* loop = nullptr;
  ws_client::Tools* tools = nullptr;
  Output* output = nullptr;
  int out = -1;
};
struct Ended {
  Exit exit = Exit::Good;
  std::string words;  // for when the terminal is given back
};

/// From the first attempt to the end; the terminal is as it was when this returns.
Ended run(const Tail& wanted, ws_client::ClientOptions options, const Parts& parts,
          std::ostream& err) {
  TailView view{{.form = form_of(wanted, parts.out),
                 .terminal = parts.out,
                 .out = parts.output,
                 .err = &err,
                 .metric = wanted.subscription.metric,
                 .order = parse_order(wanted.order),
                 .limit = wanted.limit == 0 ? SIZE_MAX : wanted.limit}};
  // Timers and descriptors call them: on the heap, so that a late call would be seen.
  const auto tailing = std::make_unique<Tailing>(wanted, *parts.loop, view);
  const auto client =
      std::make_unique<ws_client::Client>(*parts.loop, *parts.tools, std::move(options), *tailing);
  const auto signals =
      ingest::io::Signals::open(*parts.loop, [&](int /*signal*/) { tailing->leave(); });
  if (!signals) return {Exit::CannotGoOn, signals.error().what};
  tailing->begin(*client);
  parts.loop->run();
  return {tailing->exit(), tailing->last_words()};
}

struct Cannot {
  std::ostream& err;
  Exit operator()(const std::string& what, Exit exit = Exit::CannotGoOn) const {
    err << "weir tail: " << what << std::endl;
    return exit;
  }
};

}  // namespace

Exit tail(const Tail& wanted, int out, std::ostream& err) {
  const Cannot cannot{err};
  auto url = ws_client::Url::parse(websocket_url(wanted.url.empty() ? kDefaultUrl : wanted.url));
  if (!url) return cannot(url.error().what, Exit::Configuration);
  const auto blocked = ingest::io::block_signals();
  if (!blocked) return cannot(blocked.error().what);
  const ingest::io::RealClock clock;
  const auto loop = EventLoop::open(clock);
  if (!loop) return cannot(loop.error().what);
  ws_client::Tools tools;
  const auto trust = open_trust(wanted, url->security);
  if (!trust) return cannot(trust.error().what, Exit::Configuration);
  tools.tls = trust->get();

  Output output{**loop, out, [&] { (*loop)->stop(); }};
  const Ended ended =
      run(wanted, client_options(wanted, *std::move(url)),
          {.loop = loop->get(), .tools = &tools, .output = &output, .out = out}, err);
  const ingest::MonoTime until = clock.mono() + kLeave;
  while (!output.is_empty() && clock.mono() < until)
    (*loop)->turn(Millis{10});
  if (output.dropped() > 0) {
    cannot(std::to_string(output.dropped()) +
           " updates were left out, because the reader was too slow");
  }
  return ended.words.empty() ? ended.exit
                             : cannot(ended.words + hint(wanted, ended.words), ended.exit);
}

}  // namespace gateway::cli
