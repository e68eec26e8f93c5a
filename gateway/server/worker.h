#pragma once
// Worker: one thread's share of everything: its event loop, its feeds and series
// (ingest::worker::Worker), its connections, and its ends of the rings to the hub. Knows the hub
// only as mail. Built by the wiring; after run() begins it belongs to the thread that called it.
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
#include "gateway/server/site.h"
#include "ingest/base/clock.h"
#include "ingest/base/result.h"
#include "ingest/io/event_loop.h"

namespace ingest::worker {
class Worker;
}

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
    std::uint64_t seed = 0;          // for session names; random in production
  };

  /// Opens the event loop. Everything in `parts` outlives the worker.
  static ingest::Result<std::unique_ptr<Worker>> open(const ingest::Clock& clock, Parts parts);
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker();

  ingest::io::EventLoop& loop();

  /// Before run(): this worker accepts for all. The listener outlives the worker.
  void accept_with(Listener& listener);
  /// Before run(): the feeds and series of this thread, built on loop().
  void ingest_with(std::unique_ptr<ingest::worker::Worker> ingest);
  ingest::worker::Worker* ingest();

  /// Runs until the drain that stop() begins is over.
  void run();

  /// Any thread, once: stop accepting, `bye` and Close 1001 to every subscriber, let answers go
  /// out, then end run(), at the latest after Deadlines::drain.
  void stop();

  /// Any thread.
  const Counts& counts() const;

 private:
  struct State;
  explicit Worker(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace gateway::server
