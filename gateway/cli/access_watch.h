#pragma once
// AccessWatch: keeps who may come in as the issuer's file of keys says now: reads it again when it
// changes, because issuers tell nobody, and when somebody asks. On a thread of its own, since files
// may have to be waited for. Keys that cannot be read leave the old ones in force. Owned by the
// wiring; the hub's thread calls it.

#include <atomic>
#include <cstdint>

#include "gateway/cli/reloader.h"
#include "gateway/config/config.h"
#include "gateway/server/access.h"
#include "ingest/base/result.h"
#include "ingest/io/event_loop.h"
#include "ingest/io/log.h"

namespace gateway::cli {

class AccessWatch {
 public:
  /// All three outlive it.
  AccessWatch(const config::Config& config, server::Access& access, const ingest::io::Logger& log)
      : config_(config), access_(access), log_(log) {}

  /// Whether there is a file to read again.
  bool has_keys() const { return !config_.auth.jwt.jwks.empty(); }
  /// Before the threads start: the first reading, whose fault is one of the start.
  ingest::Result<void> begin();
  /// Looks at the file from time to time.
  void watch(ingest::io::EventLoop& loop);
  /// Now, whether it has changed or not; does not wait.
  void reload();

 private:
  void ask();
  void look();

  const config::Config& config_;
  server::Access& access_;
  const ingest::io::Logger& log_;
  std::uint64_t state_ = 0;          // of the file when it was read last; the reloader's thread
  std::atomic<bool> wanted_{false};  // whatever that state is
  Reloader reloader_{[this] { look(); }};
};

}  // namespace gateway::cli
