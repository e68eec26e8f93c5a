#pragma once
// Supervision: what the service manager hears of a running Weir: that it serves, once every loop
// has turned; that they still turn, as often as its watchdog wants it; that files are read again;
// that it ends. Says nothing where nobody wants to know. Owned by serve(), on the hub's thread.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "gateway/cli/wiring.h"
#include "ingest/base/clock.h"
#include "ingest/base/result.h"
#include "ingest/io/event_loop.h"
#include "ingest/io/service_manager.h"

namespace gateway::cli {

class Supervision {
 public:
  /// Who wants to know.
  struct Wish {
    std::string socket;          // empty: nobody
    ingest::Millis watchdog{0};  // it wants a sign of life within this time; 0: it does not
  };
  /// NOTIFY_SOCKET, and WATCHDOG_USEC where WATCHDOG_PID means us (sd_watchdog_enabled(3)).
  static Wish wish();

  /// Before the wiring runs; the wiring outlives it. `status` is said with READY, a line for
  /// people.
  static ingest::Result<std::unique_ptr<Supervision>> open(const Wish& wish, Wiring& wiring,
                                                           std::string status);
  Supervision(const Supervision&) = delete;
  Supervision& operator=(const Supervision&) = delete;
  ~Supervision();

  /// Wiring::reload() was called.
  void reloading();
  void stopping();
  /// Somebody looks after the process, other than a terminal.
  bool wanted() const { return manager_.has_value(); }

 private:
  enum class Phase : std::uint8_t { Starting, Serving, Reloading, Stopping };

  Supervision(Wiring& wiring, std::string status) : wiring_(wiring), status_(std::move(status)) {}
  void look();
  void look_in(ingest::Millis time);

  Wiring& wiring_;
  std::string status_;
  std::optional<ingest::io::ServiceManager> manager_;
  ingest::Millis alive_every_{0};  // 0: never
  Phase phase_ = Phase::Starting;
  ingest::io::EventLoop::TimerId timer_ = 0;
};

}  // namespace gateway::cli
