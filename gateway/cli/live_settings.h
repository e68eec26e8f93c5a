#pragma once
// LiveSettings: what a running Weir takes over of its configuration when that is read again
// (config/changes.h), besides who may come in, which is AccessWatch's. Of each other key that
// changed it says that it waits for a restart. Owned by the wiring; on the reloader's thread.

#include "gateway/config/config.h"
#include "gateway/server/dealer.h"
#include "gateway/server/site.h"
#include "ingest/io/log.h"

namespace gateway::cli {

class LiveSettings {
 public:
  /// They outlive it.
  struct Parts {
    server::Site& site;
    server::Dealer& dealer;
    const ingest::io::Logger& log;
  };
  LiveSettings(const config::Config& running, const Parts& parts)
      : running_(running), parts_(parts) {}

  void take(const config::Config& next);
  /// What is in force.
  const config::Config& running() const { return running_; }

 private:
  void take_limits(const config::Config::Limits& next);

  config::Config running_;
  Parts parts_;
};

}  // namespace gateway::cli
