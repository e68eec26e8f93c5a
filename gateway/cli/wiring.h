#pragma once
// Wiring: every object of a running Weir, built in order and joined: N workers, each a thread with
// its loop, feeds and connections, and the hub on the thread that calls run(). The only place that
// knows them all. Owned by serve(), or by a test.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/cli/pulse.h"
#include "gateway/config/config.h"
#include "gateway/config/load.h"
#include "gateway/server/settings.h"
#include "gateway/tools/demo_source.h"
#include "ingest/base/clock.h"
#include "ingest/base/result.h"
#include "ingest/io/event_loop.h"
#include "ingest/io/log.h"

namespace gateway::cli {

class Wiring {
 public:
  struct Parts {
    const config::Config* config = nullptr;
    std::string pages_dir;  // empty: none
    const ingest::Clock* clock = nullptr;
    const ingest::io::Logger* log = nullptr;
    std::optional<tools::DemoSource> demo{};  // a feed of something to look at besides
    /// The configuration as it stands now, by any thread; empty: there is no file to read again.
    std::function<config::Loaded()> reread{};
  };

  /// Opens every socket; no thread runs yet. The error is a sentence that says what to do. Clock
  /// and log outlive the wiring.
  static ingest::Result<std::unique_ptr<Wiring>> open(const Parts& parts);
  Wiring(const Wiring&) = delete;
  Wiring& operator=(const Wiring&) = delete;
  ~Wiring();

  /// Every socket, ports as taken.
  const std::vector<server::ListenerInfo>& listeners() const;
  /// The hub's loop, which run() runs: for signals.
  ingest::io::EventLoop& loop();

  /// There is something that reload() reads again: certificates, keys, tokens.
  bool can_reload() const;
  /// The hub's thread, only where can_reload(), which does not wait for the files: they are read on
  /// another. New connections use what it finds, those that are open go on. A fault keeps what
  /// there was. One log line says how it went.
  void reload();
  /// The hub's thread: what reload() began is under way.
  bool reloading() const;
  /// The hub's thread asks whether all workers' loops turn.
  Pulse& pulse();
  /// Once. Starts the workers and returns when the drain that stop() begins is over, or when the
  /// system gives no thread.
  ingest::Result<void> run();
  /// Any thread, any number of times: subscribers are told, connections closed, the last totals
  /// handed over.
  void stop();

 private:
  struct State;
  explicit Wiring(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace gateway::cli
