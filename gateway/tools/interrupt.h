#pragma once
// Interrupt: Ctrl-C, SIGTERM and SIGHUP (unless nohup ignores it) for tools that must end in order:
// asked between two steps, and while waiting. Owned by a tool, one thread; io::block_signals comes
// first.

#include "ingest/base/clock.h"
#include "ingest/base/result.h"
#include "ingest/io/fd.h"

namespace gateway::tools {

class Interrupt {
 public:
  static ingest::Result<Interrupt> open();

  /// Waits until then by the monotonic clock, or until it is raised. True: it has been raised.
  bool wait_until(ingest::MonoTime when);
  /// Without waiting.
  bool raised() { return raised_ || wait_until({}); }

 private:
  explicit Interrupt(ingest::io::Fd fd) : fd_(std::move(fd)) {}
  ingest::io::Fd fd_;
  bool raised_ = false;
};

}  // namespace gateway::tools
