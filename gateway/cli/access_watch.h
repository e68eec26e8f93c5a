#pragma once
// AccessWatch: keeps who may come in as the configuration's file and the issuer's file of keys say
// now: the keys are read again when they change, because issuers tell nobody, and both when
// somebody asks. On a thread of its own, since files may have to be waited for. What cannot be read
// leaves what there was in force, and so does what would open to everybody a side that was guarded:
// a list that was emptied by mistake must not open the house. Owned by the wiring; the hub's thread
// calls it.

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

#include "gateway/cli/reloader.h"
#include "gateway/config/config.h"
#include "gateway/config/load.h"
#include "gateway/server/access.h"
#include "ingest/base/result.h"
#include "ingest/io/event_loop.h"
#include "ingest/io/log.h"

namespace gateway::cli {

class AccessWatch {
 public:
  struct File {
    /// The configuration as it stands now; empty: there is no file.
    std::function<config::Loaded()> reread{};
    /// What else is to be taken over of it, on the reloader's thread; may be empty.
    std::function<void(const config::Config&)> told{};
  };
  /// Access and log outlive it.
  AccessWatch(const config::Config::Auth& configured, File file, server::Access& access,
              const ingest::io::Logger& log);

  /// There is a file to read again.
  bool can_reload() const { return can_reload_; }
  /// Before the threads start: the first reading, whose fault is one of the start.
  ingest::Result<void> begin();
  /// Looks at the file of keys from time to time.
  void watch(ingest::io::EventLoop& loop);
  /// Both files, now, whether they have changed or not; does not wait.
  void reload();
  /// What is read is not in force yet.
  bool reloading() const { return reloader_.busy(); }

 private:
  void ask();
  void look();
  void look_at_keys();
  void reread_all();
  void take(const config::Config::Auth& next);
  /// Why it is not taken; empty: nothing.
  std::string objection_to(const server::AuthenticatorPtr& next) const;

  config::Config::Auth configured_;  // the reloader's thread, once begun
  File file_;
  server::Access& access_;
  const ingest::io::Logger& log_;
  bool can_reload_ = false;
  std::uint64_t state_ = 0;  // of the file of keys when it was read last; the reloader's thread
  std::atomic<bool> has_keys_{false};
  std::atomic<bool> wanted_{false};  // both, whatever that state is
  Reloader reloader_{[this] { look(); }};
};

}  // namespace gateway::cli
