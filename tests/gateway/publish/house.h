#pragma once
// A whole house without sockets and threads: a Publisher, two workers with their desks, clients
// that read or do not, and streams whose rows the test sets.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gateway/publish/publisher.h"
#include "gateway/publish/subscriptions.h"
#include "ingest/base/check.h"
#include "tests/gateway/publish/client_model.h"

namespace gateway::publish::test {

using ingest::Millis;
using ingest::WallTime;
using ingest::query::Query;
using ingest::query::Revision;
using ingest::query::RowAdded;
using ingest::query::RowSlot;
using ingest::query::StreamId;
using ingest::query::Update;
using ingest::query::Window;

/// A boundary of every tier.
inline constexpr WallTime kStart = ingest::wall_from_ms(1'764'000'000'000);

inline Query parsed(const std::string& text) {
  auto query = ingest::query::parse_query(text, {});
  CHECK(query.has_value());
  return *query;
}

/// The streams that the publisher watches; the test says what they tell.
class ScriptedStreams final : public ingest::query::Streams {
 public:
  ingest::Result<StreamId, ingest::query::Fault> watch(const Query& query) override {
    if (refusal) return ingest::Failure{*refusal};
    watched[++last] = query;
    return last;
  }
  void unwatch(StreamId stream) override { watched.erase(stream); }

  std::map<StreamId, Query> watched;
  std::optional<ingest::query::Fault> refusal;
  StreamId last = 0;
};

/// Answers each question about the past when the test says so, `times_max` windows a page: one row,
/// each of whose numbers is the second in which the window ends.
class ScriptedPast final : public ingest::query::Past {
 public:
  Id ask(ingest::query::RangeAsk ask, Done done) override {
    asked.push_back(ask);
    waiting.push_back({++last, std::move(ask), std::move(done)});
    return last;
  }
  void drop(Id id) override {
    dropped += std::erase_if(waiting, [id](const One& one) { return one.id == id; });
  }
  /// Of those that wait the first; whether there was one.
  bool answer() {
    if (waiting.empty()) return false;
    const One one = std::move(waiting.front());
    waiting.erase(waiting.begin());
    one.done(std::make_shared<const ingest::query::RangeAnswer>(answer_to(one.ask)));
    return true;
  }

  std::size_t times_max = 1'000'000;
  std::optional<ingest::query::Fault> refusal;
  std::vector<ingest::query::RangeAsk> asked;  // all there were
  std::size_t dropped = 0;

 private:
  struct One {
    Id id = 0;
    ingest::query::RangeAsk ask;
    Done done;
  };
  ingest::query::RangeAnswer answer_to(const ingest::query::RangeAsk& ask) const {
    if (refusal) return ingest::Failure{*refusal};
    ingest::query::RangePage page;
    page.window = ask.query.window;
    page.step = std::max(ask.step, ask.query.slide);
    page.by = ask.query.by;
    page.keys = {{"a"}};
    const Millis from =
        ask.cursor.empty() ? ask.start.time_since_epoch() : Millis{std::stoll(ask.cursor)};
    WallTime end{(from / page.step + 1) * page.step};
    for (; end <= ask.end && page.times.size() < times_max; end += page.step) {
      page.times.push_back(end);
      page.values.push_back(static_cast<double>(ingest::to_ms(end) / 1'000));
    }
    const std::vector<double> counts = std::exchange(page.values, {});
    for (const auto& field : ingest::query::fields(ask.query)) {  // [field][row][time]
      const bool list = field.stat && field.stat->is_list();      // of which there is none
      for (const double count : counts)
        page.values.push_back(list ? std::nan("") : count);
    }
    if (end <= ask.end) page.next = std::to_string(ingest::to_ms(end - page.step));
    return page;
  }
  std::vector<One> waiting;
  Id last = 0;
};

/// One update and the memory behind its views.
struct Told {
  Revision revision = Revision::Newest;
  Window window;
  std::vector<RowSlot> removed;
  std::vector<RowAdded> added;
  std::vector<RowSlot> rows;
  std::vector<double> values;
  std::vector<double> lists;
  std::vector<ingest::query::Marks> marks;
  std::uint32_t rev = 0;

  Update view(StreamId stream) const {
    return {stream, revision, rev, window, removed, added, rows, values, lists, marks};
  }
};

inline Window window_at(WallTime tick, Millis window, Millis slide) {
  const auto end_number = (tick.time_since_epoch() + slide - Millis{1}) / slide;
  const WallTime end{slide * end_number};
  return {end - window, end};
}

struct Client {
  Client(Subscriber subscriber, std::uint64_t session, std::unique_ptr<Identity> identity)
      : who(subscriber), subs(who, session, std::move(identity)) {}
  Subscriber who;
  Subscriptions subs;
  ClientModel model;
  std::vector<FramePtr> frames;  // as they were sent
  bool reads = true;
};

class House final : public Outlet {
 public:
  static constexpr std::uint32_t kWorkers = 2;

  explicit House(Publisher::Options options = {}, FrameRing::Caps replica = {}) {
    options.epoch = "01JDX8Q3";
    options.workers = kWorkers;
    for (std::uint32_t worker = 0; worker < kWorkers; ++worker) {
      desks.push_back(std::make_unique<Desk>());
      desks.back()->rules.epoch = options.epoch;
      desks.back()->replicas = ChannelReplicas{replica};
    }
    publisher = std::make_unique<Publisher>(options, streams, *this);
  }

  Client& connect(std::uint32_t worker = 0, std::unique_ptr<Identity> identity = nullptr) {
    const auto slot = static_cast<std::uint32_t>(clients.size());
    clients.push_back(std::make_unique<Client>(Subscriber{worker, slot, 1}, 0xC9F2A1 + slot,
                                               std::move(identity)));
    return *clients.back();
  }
  void say(Client& client, const std::string& text) {
    client.subs.receive(text, desk_of(client), {mono, now});
    settle();
  }
  void leave(Client& client) {
    client.subs.leave(desk_of(client));
    client.reads = false;
    settle();
  }
  /// One tick: the streams say what they have, then frames go out.
  void tick(const std::vector<std::pair<StreamId, Told>>& told = {}, Millis step = Millis{250}) {
    advance(step);
    for (const auto& [stream, update] : told)
      publisher->update(update.view(stream));
    publisher->tick_done(now);
    settle();
  }
  void advance(Millis step) {
    now += step;
    mono += step;
  }
  void send(std::uint32_t worker, ToWorker message) override {
    mail.emplace_back(worker, std::move(message));
  }
  /// Moves mail until there is none, then every reading client reads.
  void settle() {
    bool moved = true;
    while (moved) {
      moved = move_to_hub();
      while (!mail.empty()) {
        auto [worker, message] = std::move(mail.front());
        mail.pop_front();
        deliver(worker, std::move(message));
        moved = true;
      }
      for (const auto& client : clients)
        moved |= pump(*client);
    }
  }
  Ledger ledger() const { return publisher->ledger().read(); }
  Desk& desk_of(const Client& client) { return *desks[client.who.worker]; }
  WallTime tick_time() const { return now; }

  ScriptedStreams streams;
  ScriptedPast past;
  std::vector<std::unique_ptr<Desk>> desks;
  std::vector<std::unique_ptr<Client>> clients;
  std::unique_ptr<Publisher> publisher;
  std::deque<std::pair<std::uint32_t, ToWorker>> mail;
  std::shared_ptr<const StreamList> dearest;
  std::vector<Publish> published;  // all frames of channels, in order
  WallTime now = kStart;
  ingest::MonoTime mono{std::chrono::seconds{1}};
  std::size_t frames_max = 64;

 private:
  bool move_to_hub() {
    bool moved = false;
    for (const auto& desk : desks) {
      const std::vector<ToHub> commands = std::exchange(desk->to_hub, {});
      for (const ToHub& command : commands)
        publisher->handle(command);
      moved |= !commands.empty();
    }
    return moved;
  }
  void deliver(std::uint32_t worker, ToWorker message) {
    Desk& desk = *desks[worker];
    if (auto* tell = std::get_if<Tell>(&message)) {
      client_of(tell->who).subs.told(std::move(*tell), desk, {mono, now});
    } else if (auto* join = std::get_if<Join>(&message)) {
      client_of(join->who).subs.joined(std::move(*join), desk);
    } else if (auto* frame = std::get_if<Publish>(&message)) {
      published.push_back(*frame);
      desk.replicas.publish(std::move(*frame), now.time_since_epoch());
    } else if (auto* answered = std::get_if<Answered>(&message)) {
      client_of(answered->who).subs.answered(*answered, desk, {mono, now});
    } else if (auto* gone = std::get_if<ChannelGone>(&message)) {
      desk.replicas.gone(gone->ch);
    } else if (auto* news = std::get_if<NewStreams>(&message)) {
      dearest = news->streams;
    }
  }
  Client& client_of(Subscriber who) { return *clients.at(who.slot); }
  bool pump(Client& client) {
    if (!client.reads) return false;
    std::vector<FramePtr> due;
    client.subs.due(desk_of(client), {mono, now}, due, frames_max);
    for (const FramePtr& frame : due) {
      client.frames.push_back(frame);
      client.model.take(frame->payload());
    }
    std::size_t bytes = 0;
    for (const FramePtr& frame : due)
      bytes += frame->bytes.size();
    client.subs.spent(desk_of(client), mono, bytes);
    client.subs.sent(desk_of(client), {mono, now}, due.size());
    return !due.empty();
  }
};

}  // namespace gateway::publish::test
