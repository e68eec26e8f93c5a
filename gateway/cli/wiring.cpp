#include "gateway/cli/wiring.h"

#include <atomic>
#include <system_error>
#include <thread>
#include <utility>

#include "gateway/boards/keeper.h"
#include "gateway/cli/access_numbers.h"
#include "gateway/cli/access_watch.h"
#include "gateway/cli/archive_numbers.h"
#include "gateway/cli/archive_path.h"
#include "gateway/cli/archive_start.h"
#include "gateway/cli/board_numbers.h"
#include "gateway/cli/demo_plug.h"
#include "gateway/cli/door.h"
#include "gateway/cli/feed_sockets.h"
#include "gateway/cli/ingest_options.h"
#include "gateway/cli/live_settings.h"
#include "gateway/cli/logs.h"
#include "gateway/cli/numbers.h"
#include "gateway/cli/offenders.h"
#include "gateway/cli/random.h"
#include "gateway/cli/reloader.h"
#include "gateway/cli/scrape_numbers.h"
#include "gateway/cli/scrape_press.h"
#include "gateway/cli/seat.h"
#include "gateway/cli/series_mapping.h"
#include "gateway/cli/server_settings.h"
#include "gateway/cli/status.h"
#include "gateway/cli/version.h"
#include "gateway/publish/publisher.h"
#include "gateway/server/dealer.h"
#include "gateway/server/demo_switch.h"
#include "gateway/server/hub_port.h"
#include "gateway/server/listener.h"
#include "gateway/server/metrics.h"
#include "gateway/server/site.h"
#include "ingest/archive/archive.h"
#include "ingest/base/check.h"
#include "ingest/hub/archive_door.h"
#include "ingest/hub/durable_waits.h"
#include "ingest/hub/hub.h"

namespace gateway::cli {
namespace {

using ingest::Failure;
using ingest::Millis;
using ingest::Result;
using ingest::io::EventLoop;

/// How long the hub's last batch waits for room towards the archive.
constexpr Millis kLastBatch{5'000};
/// How long a worker's last hand-over waits for room towards the hub.
constexpr Millis kLastHandover{2'000};

server::Settings settings_of(const Wiring::Parts& parts, const FeedSockets& feeds,
                             const server::Listener& http) {
  server::Settings settings = server_settings(*parts.config);
  settings.version = version();
  settings.started = parts.clock->wall();
  settings.listeners = http.infos();
  settings.listeners.insert(settings.listeners.end(), feeds.listeners().begin(),
                            feeds.listeners().end());
  settings.pages_dir = parts.pages_dir;
  settings.rules.epoch = random_epoch();
  return settings;
}

/// What the file says now, on the reloader's thread.
void take(LiveSettings& live, ScrapePress* press, const config::Config& next) {
  live.take(next);
  if (press != nullptr) press->offer(series_mapping(live.running()));
}

}  // namespace

// In the order of building; they go in the opposite one.
struct Wiring::State {
  State(const Parts& parts_in, std::unique_ptr<const Logs> logs_in, FeedSockets feeds_in, Door door,
        std::unique_ptr<EventLoop> loop_in, std::size_t workers)
      : parts(parts_in),
        logs(std::move(logs_in)),
        feeds(std::move(feeds_in)),
        tls(std::move(door.tls)),
        http(std::move(door.listener)),
        settings(settings_of(parts_in, feeds, *http)),
        metrics(settings.version),
        dealer(workers, settings.limits.connections_max,
               settings.limits.connections_per_address_max),
        site(settings, metrics, dealer, logs->server),
        hub_loop(std::move(loop_in)) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {  // what accepts goes before the loop that it is registered with
    feeds.close();
    http->stop();
    if (press) press->stop();  // it reads everybody's numbers
  }

  Result<void> build_seat(std::uint32_t index);
  Result<void> open_archive();
  void build_hub();
  void add_numbers();
  void run_seat(Seat& seat);
  void hand_over_last(Seat& seat) const;
  Result<void> start(Seat& seat);
  void hub_woken();
  void reload_certificates() const;

  Parts parts;
  std::unique_ptr<const Logs> logs;
  FeedSockets feeds;
  std::unique_ptr<tls::ServerContext> tls;  // null: plain HTTP
  Reloader certificates{[this] { reload_certificates(); }};
  std::unique_ptr<server::Listener> http;
  server::Settings settings;
  server::Metrics metrics;
  server::Dealer dealer;
  server::Site site;
  std::unique_ptr<ScrapePress> press;  // null: /metrics tells Weir's own alone
  LiveSettings live{*parts.config, {.site = site, .dealer = dealer, .log = *parts.log}};
  AccessWatch access{
      parts.config->auth,
      {.reread = parts.reread, .told = [this](const auto& next) { take(live, press.get(), next); }},
      site.access,
      logs->access};
  std::unique_ptr<EventLoop> hub_loop;
  std::unique_ptr<ingest::archive::Archive> archive;  // wakes the hub's loop
  std::unique_ptr<server::DemoSwitch> demo;           // of a feed of the first seat
  std::vector<std::unique_ptr<Seat>> seats;
  Pulse pulse;  // of the seats' loops
  std::unique_ptr<server::HubPort> port;
  std::unique_ptr<ingest::hub::Hub> hub;
  std::unique_ptr<ingest::hub::DurableWaits> durable;
  std::unique_ptr<ingest::hub::ArchiveDoor> door_to_disk;
  std::unique_ptr<boards::Keeper> boards;  // wakes the hub's loop
  std::unique_ptr<publish::Publisher> publisher;
  std::atomic<bool> stop_wanted{false};
  std::atomic<std::size_t> seats_done{0};
  bool stopping = false;
  bool kept = true;  // all of it is on disk in the end, where a disk was there
};

// ---- building ----

Result<void> Wiring::State::build_seat(std::uint32_t index) {
  const auto wake_hub = [loop = hub_loop.get()] { loop->wake(); };
  seats.push_back(std::make_unique<Seat>());
  Seat* seat = seats.back().get();
  seat->index = index;
  seat->gateway =
      TRY(server::Worker::open(*parts.clock, {.index = index,
                                              .site = &site,
                                              .dealer = &dealer,
                                              .mail = &seat->mail,
                                              .wake_hub = wake_hub,
                                              .adopt_feed =
                                                  [seat](server::Arrival arrival) {
                                                    return seat->stream_peers[arrival.feed]->adopt(
                                                        std::move(arrival.fd), arrival.peer);
                                                  },
                                              .on_drained = [this, seat] { hand_over_last(*seat); },
                                              .seed = random_number(),
                                              .tls = tls.get()}));
  pulse.watch(seat->gateway->loop());
  seat->ingest = std::make_unique<ingest::worker::Worker>(
      ingest_options(*parts.config, index),
      ingest::worker::Worker::Parts{
          .loop = &seat->gateway->loop(), .link = &seat->hub_link, .wake_hub = wake_hub});
  seat->http_intake = std::make_unique<HttpIntake>(*seat->ingest, parts.config->http.writers_rate);
  seat->gateway->take_lines_with(*seat->http_intake);
  return {};
}

// What was lost of it is told before anything is served.
Result<void> Wiring::State::open_archive() {
  archive =
      TRY(cli::open_archive(*parts.config, {.clock = parts.clock,
                                            .log = &logs->archive,
                                            .on_news = [loop = hub_loop.get()] { loop->wake(); },
                                            .batches = site.batches.get()}));
  return {};
}

void Wiring::State::build_hub() {
  const auto wake_hub = [loop = hub_loop.get()] { loop->wake(); };
  std::vector<server::HubPort::Seat> mail;
  std::vector<ingest::hub::Hub::Worker> workers;
  for (const auto& seat : seats) {
    const auto wake = [loop = &seat->gateway->loop()] { loop->wake(); };
    mail.push_back({.link = &seat->mail, .wake = wake});
    workers.push_back({.link = &seat->hub_link, .wake = wake});
  }
  port = std::make_unique<server::HubPort>(std::move(mail));
  ingest::hub::Hub::Options options = hub_options(*parts.config);
  options.restores_from = archive->restores_from();
  hub = std::make_unique<ingest::hub::Hub>(options, std::move(workers), *hub_loop);
  if (archive->ledger().on) hub->archive_to(*archive);
  durable = std::make_unique<ingest::hub::DurableWaits>(*archive, wake_hub);
  door_to_disk = std::make_unique<ingest::hub::ArchiveDoor>(*archive);
  site.disk = door_to_disk.get();
  publish::Publisher::Options published = publisher_options(*parts.config);
  published.epoch = settings.rules.epoch;
  published.workers = static_cast<std::uint32_t>(seats.size());
  publisher = std::make_unique<publish::Publisher>(published, *hub, *port);
  boards = std::make_unique<boards::Keeper>(
      boards::Shelf::Options{.path = boards_path(*parts.config),
                             .boards_max = parts.config->limits.boards},
      boards::Keeper::Parts{.clock = parts.clock, .log = &logs->boards, .wake = wake_hub});
  press =
      make_press(*parts.config, {&hub->exposition(), &metrics, parts.clock, parts.log, wake_hub});
  if (press) publisher->ask_of(*press);
  publisher->ask_of(*boards);
  publisher->ask_of(*durable);
  publisher->ask_of(hub->discovery());
  publisher->ask_of(hub->look_back([this](auto& job) { return archive->try_ask(job); }));
  hub->publish_to(*publisher);
  hub->on_annotations([this](const auto& annotations) { publisher->annotations(annotations); });
  hub->on_catalogue([this](auto catalogue) { publisher->catalogue(std::move(catalogue)); });
  // After the hub's own calls: hand-overs come before commands, and mail leaves when all is said.
  hub_loop->on_wake([this] { hub_woken(); });
  hub_loop->on_turn_end([this] { port->flush(); });
}

void Wiring::State::add_numbers() {
  std::vector<const server::Counts*> counts;
  std::vector<const ingest::worker::Worker*> workers;
  for (const auto& seat : seats) {
    counts.push_back(&seat->gateway->counts());
    workers.push_back(seat->ingest.get());
  }
  metrics.add([this, counts, workers](server::Sheet& sheet) {
    write_feeds(sheet, workers);
    write_workers(sheet, workers);
    write_hub(sheet, hub->ledger());
    write_archive(sheet, archive->ledger(), hub->ledger());
    write_publisher(sheet, publisher->ledger().read());
    server::write_counts(sheet, counts);
    write_door(sheet, http->counts(), dealer);
    write_batches(sheet, *site.batches);
    write_access(sheet, site);
    write_discovery(sheet, hub->ledger().discovery);
    write_mail(sheet, *port);
    write_boards(sheet, boards->counts());
    if (press) write_scrapes(sheet, press->counts(), hub->ledger().exposition);
  });
  metrics.add([workers](server::Sheet& sheet) { write_offenders(sheet, offenders_of(workers)); },
              server::Metrics::Audience::Readers);
  tell_status(site, {std::move(workers), hub.get(), archive.get(), parts.config, press.get()});
}

Result<std::unique_ptr<Wiring>> Wiring::open(const Parts& parts) {
  const std::size_t workers = worker_count(*parts.config);
  Door door = TRY(open_door(*parts.config));
  auto logs = std::make_unique<const Logs>(*parts.log);
  FeedSockets feeds = TRY(FeedSockets::open(parts.config->feeds, workers, logs->feed));
  auto loop = TRY(EventLoop::open(*parts.clock));
  auto state = std::make_unique<State>(parts, std::move(logs), std::move(feeds), std::move(door),
                                       std::move(loop), workers);
  TRY(state->access.begin());
  for (std::uint32_t index = 0; index < workers; ++index)
    TRY(state->build_seat(index));
  TRY(state->feeds.plug({.seats = state->seats,
                         .dealer = &state->dealer,
                         .writer = writer_check(state->site, *parts.clock)}));
  state->demo = TRY(plug_demo(*state->seats.front(), parts.demo, state->logs->feed));
  state->site.demo = state->demo.get();
  TRY(state->seats.front()->gateway->accept_with(*state->http));
  TRY(state->open_archive());
  state->build_hub();
  state->add_numbers();
  state->access.watch(*state->hub_loop);
  return std::unique_ptr<Wiring>{new Wiring(std::move(state))};
}

// ---- running ----

void Wiring::State::run_seat(Seat& seat) {
  seat.ingest->start();
  seat.gateway->run();
  pulse.ended(seat.index);
  // release: what the worker handed over is seen by the hub that sees it done.
  seats_done.fetch_add(1, std::memory_order_release);
  hub_loop->wake();
}

Result<void> Wiring::State::start(Seat& seat) {
  try {
    seat.thread = std::thread{[this, &seat] { run_seat(seat); }};
    return {};
  } catch (const std::system_error& fault) {
    seats_done.fetch_add(1);  // it will hand nothing over
    return Failure{
        ingest::Error{fault.code().value(), std::string{"cannot start a thread: "} + fault.what()}};
  }
}

// The worker's thread, when its last connection is gone. The hub still runs and makes room.
void Wiring::State::hand_over_last(Seat& seat) const {
  const ingest::MonoTime until = parts.clock->mono() + kLastHandover;
  while (!seat.ingest->drain()) {
    if (parts.clock->mono() > until) {
      parts.log->error("last_handover_lost", {{"worker", seat.index}});
      return;
    }
    hub_loop->wake();
    std::this_thread::yield();
  }
}

// The hub's thread: mail came, a worker is done, or stop() was called.
void Wiring::State::hub_woken() {
  const auto receive = [this](const publish::ToHub& message) { publisher->handle(message); };
  if (port->drain(receive)) hub_loop->wake();
  durable->look();
  boards->look();
  if (press) press->look();
  if (stop_wanted.load(std::memory_order_relaxed) && !std::exchange(stopping, true)) {
    for (const auto& seat : seats)
      seat->gateway->stop();
  }
  // acquire: pairs with run_seat().
  if (seats_done.load(std::memory_order_acquire) < seats.size()) return;
  hub->drain();
  const ingest::MonoTime until = parts.clock->mono() + kLastBatch;
  bool archived = hub->archived();
  for (; !archived && parts.clock->mono() < until; archived = hub->archived())
    std::this_thread::yield();
  archive->stop();
  kept = archived && archive->ledger().waiting_bytes == 0;
  hub_loop->stop();
}

Wiring::Wiring(std::unique_ptr<State> state) : state_(std::move(state)) {}
Wiring::~Wiring() = default;

const std::vector<server::ListenerInfo>& Wiring::listeners() const {
  return state_->settings.listeners;
}

EventLoop& Wiring::loop() {
  return *state_->hub_loop;
}

bool Wiring::can_reload() const {
  return state_->tls != nullptr || state_->access.can_reload();
}

void Wiring::reload() {
  CHECK(can_reload());
  if (state_->tls != nullptr && !state_->certificates.ask())
    state_->parts.log->error("certificates_kept", {{"why", "cannot start a thread"}});
  if (state_->access.can_reload()) state_->access.reload();
}

bool Wiring::reloading() const {
  return state_->certificates.busy() || state_->access.reloading();
}

Pulse& Wiring::pulse() {
  return state_->pulse;
}

void Wiring::State::reload_certificates() const {
  const Result<void> reloaded = tls->reload();
  if (reloaded) return parts.log->info("certificates_reloaded", {});
  parts.log->error("certificates_kept", {{"why", reloaded.error().what}});
}

Result<void> Wiring::run() {
  State& state = *state_;
  TRY(state.archive->start());
  TRY(state.boards->start());
  if (state.press) TRY(state.press->start());
  Result<void> result;
  state.hub->start();
  for (const auto& seat : state.seats) {
    Result<void> started = state.start(*seat);
    if (started) continue;
    result = std::move(started);
    stop();
  }
  state.hub_loop->run();
  for (const auto& seat : state.seats) {
    if (seat->thread.joinable()) seat->thread.join();
  }
  if (result && !state.kept) return Failure{not_kept(*state.parts.config)};
  return result;
}

void Wiring::stop() {
  // relaxed: the flag is all that is told; wake() carries it.
  state_->stop_wanted.store(true, std::memory_order_relaxed);
  state_->hub_loop->wake();
}

}  // namespace gateway::cli
