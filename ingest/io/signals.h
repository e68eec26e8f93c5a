#pragma once
// Signals as events of a loop: SIGTERM, SIGINT and SIGHUP arrive by a signalfd. Owned by the loop's
// thread.

#include <functional>
#include <memory>

#include "ingest/base/result.h"
#include "ingest/io/event_loop.h"
#include "ingest/io/fd.h"

namespace ingest::io {

/// Blocks the three for this thread and those it starts, and ignores SIGPIPE. Call in main before
/// any thread starts: a thread that does not block them would die of them.
Result<void> block_signals();

class Signals final : public FdHandler {
 public:
  /// `received` runs on the loop's thread with the signal's number. The loop must outlive this
  /// object.
  static Result<std::unique_ptr<Signals>> open(EventLoop& loop, std::function<void(int)> received);
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;
  ~Signals() override;
  void ready(std::uint32_t events) override;

 private:
  Signals(EventLoop& loop, Fd fd, std::function<void(int)> received);
  EventLoop& loop_;
  Fd fd_;
  std::function<void(int)> received_;
};

}  // namespace ingest::io
