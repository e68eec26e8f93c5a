#pragma once
// Worker: one thread's share of the gateway: its event loop, its connections, and its ends of the
// rings to the publisher. The feeds and series of the thread (ingest::worker) are built on the same
// loop by the wiring; the two meet only there. Knows the hub only as mail. After run() begins it
// belongs to the thread that called it.
//
// A turn: descriptors and timers (requests, commands and samples come in), the mail of the hub,
// then the end of the turn, where every connection that has something due writes once.

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>

#include "gateway/publish/mail.h"
#include "gateway/server/counts.h"
#include "gateway/server/dealer.h"
#include "gateway/server/hub_port.h"
#include "gateway/server/intake.h"
#include "gateway/server/site.h"
#include "gateway/tls/context.h"
#include "ingest/base/clock.h"
#include "ingest/base/result.h"
#include "ingest/io/event_loop.h"

namespace gateway::server {

class Listener;

class Worker {
 public:
  struct Parts {
    std::uint32_t index = 0;
    const Site* site = nullptr;
    Dealer* dealer = nullptr;
    MailLink* mail = nullptr;
    std::function<void()> wake_hub;  // any thread may call it
    /// A stream feed's connection, dealt to this worker: false when it was refused. Who took it
    /// tells Dealer::closed() later.
    std::function<bool(Arrival arrival)> adopt_feed;
    /// On the worker's thread, once, when the drain is over: the last hand-over of what was
    /// counted.
    std::function<void()> on_drained;
    std::uint64_t seed = 0;                   // for session names; random in production
    const tls::ServerContext* tls = nullptr;  // for connections that come over TLS
  };

  /// Opens the event loop. Everything in `parts` outlives the worker.
  static ingest::Result<std::unique_ptr<Worker>> open(const ingest::Clock& clock, Parts parts);
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker();

  ingest::io::EventLoop& loop();

  /// Before run(): this worker accepts for all. The listener outlives the worker,
  /// which stops it.
  ingest::Result<void> accept_with(Listener& listener);
  /// Before run(): where lines of write requests go; without it they get 503. Outlives the worker.
  void take_lines_with(Intake& intake);
  /// Runs until the drain that stop() begins is over.
  void run();

  /// Any thread, once: stop accepting, `bye` and Close 1001 to every subscriber, let answers go
  /// out, then end run(), at the latest after Deadlines::drain.
  void stop();

  /// The worker's thread: stop() was asked for and the last connection is gone.
  bool is_drained() const;

  /// Any thread.
  const Counts& counts() const;

 private:
  struct State;
  explicit Worker(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace gateway::server
