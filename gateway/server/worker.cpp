#include "gateway/server/worker.h"

#include <algorithm>
#include <deque>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "gateway/server/connection.h"
#include "gateway/server/listener.h"
#include "ingest/base/check.h"

namespace gateway::server {

using ingest::Result;
using ingest::io::EventLoop;

namespace {

constexpr std::size_t kFlushesMax = 256;  // of each list in one turn; then other events get theirs
constexpr std::size_t kPrefetched = 4;    // connections ahead
constexpr std::size_t kMailWaitingMax =
    std::size_t{16} * 1024;  // commands that found no room towards the hub

/// A total that is kept elsewhere in plain words.
void follow(ingest::Counter& counter, std::uint64_t total) {
  counter.add(total - counter.get());
}

}  // namespace

struct Worker::State {
  State(std::unique_ptr<EventLoop> loop_in, Parts parts_in)
      : parts(std::move(parts_in)),
        loop(std::move(loop_in)),
        commons(*loop, *parts.site, parts.index, parts.seed) {
    commons.tls = parts.tls;
    commons.addresses = &parts.dealer->addresses();
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (listener != nullptr) listener->stop();
  }

  void take_arrivals();
  void add_connection(Arrival arrival);
  Connection* find(const publish::Subscriber& who);
  void prefetch(const publish::Subscriber& who) const;
  void take_mail();
  void take(publish::Tell& tell);
  void take(publish::Join& join);
  void take(publish::Publish& publish);
  void take(publish::ChannelGone& gone);
  void take(publish::NewCatalogue& news);
  void take(publish::NewAnnotations& news);
  void take(publish::NewStreams& news) { commons.streams = std::move(news.streams); }
  void take(publish::Answered& answered);
  void take(std::monostate& /*nothing*/) {}
  void end_turn();
  void greet_waiting();
  void work_some();
  void finish(WorkQueue::Job job);
  void flush_all();
  void flush_some(std::vector<publish::Subscriber>& list, void (Connection::*flush)());
  void remove_ended();
  void send_mail();
  void tick();
  void tell_slow();
  void begin_drain();
  void stop_when_drained();

  Parts parts;
  std::unique_ptr<EventLoop> loop;
  Listener* listener = nullptr;
  Commons commons;
  struct Slot {
    std::unique_ptr<Connection> connection;
    std::uint32_t generation = 0;
  };
  std::vector<Slot> slots;
  std::vector<std::uint32_t> free_slots;
  std::size_t open = 0;
  std::vector<publish::Subscriber> flushing;  // scratch of flush_some
  std::deque<publish::ToHub> waiting_mail;
  std::atomic<bool> stop_wanted{false};
  ingest::MonoTime drain_until{};
  ingest::MonoTime told_slow{};
  bool drained = false;
};

// ---- who comes ----

void Worker::State::take_arrivals() {
  while (std::optional<Arrival> arrival = parts.dealer->take(parts.index)) {
    switch (arrival->what) {
      case Arrival::What::Http:
        add_connection(*std::move(arrival));
        break;
      case Arrival::What::Feed:
        if (!parts.adopt_feed || !parts.adopt_feed(*std::move(arrival)))
          parts.dealer->closed(parts.index, Arrival::What::Feed);
        break;
    }
  }
}

void Worker::State::add_connection(Arrival arrival) {
  if (commons.draining) {
    parts.dealer->closed(parts.index, Arrival::What::Http);
    return;
  }
  if (free_slots.empty()) {
    free_slots.push_back(static_cast<std::uint32_t>(slots.size()));
    slots.emplace_back();
  }
  const std::uint32_t index = free_slots.back();
  free_slots.pop_back();
  Slot& slot = slots[index];
  const publish::Subscriber who{
      .worker = parts.index, .slot = index, .generation = ++slot.generation};
  slot.connection = std::make_unique<Connection>(who, std::move(arrival), commons);
  ++open;
  if (!slot.connection->start()) slot.connection->abort(Ended::PeerReset);
}

Connection* Worker::State::find(const publish::Subscriber& who) {
  if (who.slot >= slots.size() || slots[who.slot].generation != who.generation) return nullptr;
  return slots[who.slot].connection.get();
}

void Worker::State::prefetch(const publish::Subscriber& who) const {
  if (who.slot < slots.size() && slots[who.slot].connection != nullptr)
    slots[who.slot].connection->prefetch();
}

// ---- the hub's mail ----

void Worker::State::take_mail() {
  for (std::size_t i = 0; i < MailLink::kToWorkerMax; ++i) {
    std::optional<publish::ToWorker> mail = parts.mail->to_worker.try_pop();
    if (!mail) break;
    std::visit([this](auto& message) { take(message); }, *mail);
  }
  // The ring has room now: see HubPort::flush() for the other half.
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (parts.mail->hub_waits.exchange(false, std::memory_order_seq_cst)) parts.wake_hub();
}

void Worker::State::take(publish::Tell& tell) {
  if (Connection* connection = find(tell.who)) connection->told(std::move(tell));
}

void Worker::State::take(publish::Join& join) {
  if (Connection* connection = find(join.who)) connection->joined(std::move(join));
}

void Worker::State::take(publish::Publish& publish) {
  const auto now = std::chrono::floor<ingest::Millis>(loop->mono().time_since_epoch());
  const auto readers = commons.desk.replicas.publish(std::move(publish), now);
  for (std::size_t i = 0; i < readers.size(); ++i) {
    if (i + kPrefetched < readers.size()) prefetch(readers[i + kPrefetched]);
    if (Connection* connection = find(readers[i])) connection->frame_came();
  }
}

void Worker::State::take(publish::ChannelGone& gone) {
  commons.desk.replicas.gone(gone.ch);
}

void Worker::State::take(publish::NewCatalogue& news) {
  commons.desk.catalogue = std::move(news.catalogue);
}

void Worker::State::take(publish::NewAnnotations& news) {
  commons.annotations = std::move(news.annotations);
}

void Worker::State::take(publish::Answered& answered) {
  if (Connection* connection = find(answered.who)) connection->answered(answered);
}

/// Towards the hub; what finds no room waits here in order.
void Worker::State::send_mail() {
  bool sent = false;
  while (!waiting_mail.empty() && parts.mail->to_hub.try_push(waiting_mail.front())) {
    waiting_mail.pop_front();
    sent = true;
  }
  for (publish::ToHub& mail : commons.desk.to_hub) {
    if (waiting_mail.empty() && parts.mail->to_hub.try_push(mail)) {
      sent = true;
      continue;
    }
    commons.counts.mail_deferred.add();
    waiting_mail.push_back(std::move(mail));
  }
  commons.desk.to_hub.clear();
  commons.mail_full = waiting_mail.size() > kMailWaitingMax;
  if (sent || !waiting_mail.empty()) parts.wake_hub();
}

// ---- the end of a turn ----

void Worker::State::end_turn() {
  greet_waiting();
  work_some();
  flush_all();
  commons.speaker = nullptr;  // it may go now
  commons.handshakes_left = Commons::kHandshakesMax;
  remove_ended();
  send_mail();
  follow(commons.counts.commands, commons.desk.commands);
  commons.counts.follow(commons.desk.refusals);
  follow(commons.counts.commands_deferred, commons.desk.commands_deferred);
  follow(commons.counts.output_held, commons.desk.output_held);
  follow(commons.counts.gaps, commons.desk.gaps);
  follow(commons.counts.unseen, commons.desk.unseen);
  for (std::size_t i = 0; i < kAuthCodes; ++i)
    follow(commons.counts.auth_closes[i], commons.desk.auth_refused[i]);
  stop_when_drained();
}

/// Handshakes that found no room in the turn in which they were due, the oldest first. Apart from
/// flush_all(), so that a crowd at the door delays nobody's frames.
void Worker::State::greet_waiting() {
  while (!commons.greetings.empty() && commons.handshakes_left > 0) {
    const publish::Subscriber who = commons.greetings.front();
    commons.greetings.pop_front();
    if (Connection* connection = find(who)) connection->greeting_turn();
  }
  if (!commons.greetings.empty()) loop->wake();
}

/// Slices of all in turn, for what is left of this turn's bytes: all others are served between. It
/// ends, too, when every work waits for another, of this worker or not.
void Worker::State::work_some() {
  WriteDesk& desk = commons.write_desk;
  for (std::size_t idle = 0; desk.bytes_left > 0 && idle < commons.work.size();) {
    WorkQueue::Step step = commons.work.step();
    desk.take(step.bytes);
    idle = step.bytes == 0 ? idle + 1 : 0;
    if (step.done) finish(*std::move(step.done));
  }
  desk.begin_turn();
  desk.works_wait = !commons.work.empty();
  if (desk.works_wait) loop->wake();
}

void Worker::State::finish(WorkQueue::Job job) {
  if (Connection* connection = find(job.who)) connection->worked(job.work->outcome());
}

/// Who was spoken to goes first, so that an answer waits for one part of a long fan-out alone.
void Worker::State::flush_all() {
  flush_some(commons.due, &Connection::flush);
  flush_some(commons.fanned, &Connection::flush_fanned);
}

/// A long list yields: who is left comes first in the next turn.
void Worker::State::flush_some(std::vector<publish::Subscriber>& list,
                               void (Connection::*flush)()) {
  if (list.empty()) return;
  flushing.clear();
  flushing.swap(list);
  const std::size_t count = std::min(flushing.size(), kFlushesMax);
  for (std::size_t i = 0; i < count; ++i) {
    if (i + kPrefetched < count) prefetch(flushing[i + kPrefetched]);
    if (Connection* connection = find(flushing[i])) (connection->*flush)();
  }
  list.insert(list.begin(), flushing.begin() + static_cast<std::ptrdiff_t>(count), flushing.end());
  if (!list.empty()) loop->wake();
}

void Worker::State::remove_ended() {
  for (const publish::Subscriber& who : commons.ended) {
    Slot& slot = slots[who.slot];
    CHECK(slot.generation == who.generation && slot.connection != nullptr);
    slot.connection.reset();
    free_slots.push_back(who.slot);
    --open;
    parts.dealer->closed(parts.index, Arrival::What::Http);
  }
  commons.ended.clear();
}

void Worker::State::tick() {
  commons.wheel.advance(loop->mono(), [this](const Wheel::Entry& entry) {
    const publish::Subscriber who{
        .worker = parts.index, .slot = entry.slot, .generation = entry.generation};
    if (Connection* connection = find(who)) connection->deadline(entry.when);
  });
  tell_slow();
  loop->at(loop->mono() + Wheel::kTick, [this] { tick(); });
}

/// Once a second.
void Worker::State::tell_slow() {
  constexpr ingest::Millis kEvery{1'000};
  if (loop->mono() < told_slow + kEvery) return;
  told_slow = loop->mono();
  std::vector<SlowReader> readers;
  for (const publish::Lag& lag : commons.desk.laggards.worst(SlowBoard::kShown)) {
    const Connection* connection = find(lag.who);
    auto reader = connection == nullptr ? std::nullopt : connection->as_reader();
    if (!reader) continue;
    reader->lag = lag;
    readers.push_back(*std::move(reader));
  }
  parts.site->slow->put(parts.index, std::move(readers));
}

// ---- the drain ----

void Worker::State::begin_drain() {
  commons.draining = true;
  drain_until = loop->mono() + parts.site->settings.deadlines.drain;
  if (listener != nullptr) listener->stop();
  const publish::FramePtr bye =
      publish::make_frame(publish::bye_text("drain", kReconnectMin, kReconnectMax));
  for (Slot& slot : slots)
    if (slot.connection) slot.connection->drain(bye);
}

/// Called at the end of each turn; the tick sees to it that there is one.
void Worker::State::stop_when_drained() {
  if (!commons.draining) return;
  if (open > 0 && loop->mono() >= drain_until) {
    for (Slot& slot : slots)
      if (slot.connection) slot.connection->abort(Ended::Drained);
    remove_ended();
    send_mail();
  }
  if (open > 0) return;
  // Nobody waits for it any more; what has begun counts whole all the same.
  while (!commons.work.empty())
    commons.work.step();
  if (std::exchange(drained, true)) return;
  if (parts.on_drained) parts.on_drained();
  loop->stop();
}

// ---- the outside ----

Worker::Worker(std::unique_ptr<State> state) : state_(std::move(state)) {}
Worker::~Worker() = default;

Result<std::unique_ptr<Worker>> Worker::open(const ingest::Clock& clock, Parts parts) {
  CHECK(parts.site != nullptr && parts.dealer != nullptr && parts.mail != nullptr);
  CHECK(parts.wake_hub != nullptr);
  std::unique_ptr<EventLoop> loop = TRY(EventLoop::open(clock));
  auto state = std::make_unique<State>(std::move(loop), std::move(parts));
  State* raw = state.get();
  raw->loop->on_wake([raw] {
    raw->take_arrivals();
    raw->take_mail();
    if (raw->stop_wanted.load(std::memory_order_acquire) && !raw->commons.draining)
      raw->begin_drain();
  });
  raw->loop->on_turn_end([raw] { raw->end_turn(); });
  raw->loop->at(raw->loop->mono() + Wheel::kTick, [raw] { raw->tick(); });
  raw->parts.dealer->set_wake(raw->parts.index, [raw] { raw->loop->wake(); });
  return std::unique_ptr<Worker>{new Worker(std::move(state))};
}

EventLoop& Worker::loop() {
  return *state_->loop;
}

Result<void> Worker::accept_with(Listener& listener) {
  state_->listener = &listener;
  return listener.start(*state_->loop, *state_->parts.dealer);
}

void Worker::take_lines_with(Intake& intake) {
  state_->commons.write_desk.intake = &intake;
}

void Worker::run() {
  state_->loop->run();
}

void Worker::stop() {
  // release: what the caller did before is seen by the drain.
  state_->stop_wanted.store(true, std::memory_order_release);
  state_->loop->wake();
}

bool Worker::is_drained() const {
  return state_->drained;
}

const Counts& Worker::counts() const {
  return state_->commons.counts;
}

}  // namespace gateway::server
