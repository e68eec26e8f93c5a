#include "gateway/cli/reloader.h"

#include <system_error>
#include <utility>

namespace gateway::cli {

Reloader::~Reloader() {
  if (thread_.joinable()) thread_.join();
}

bool Reloader::ask() {
  {
    const std::lock_guard lock{mutex_};
    wanted_ = true;
    if (running_) return true;
    running_ = true;
  }
  // The last one has said that it is over: nothing is left of it to wait for.
  if (thread_.joinable()) thread_.join();
  try {
    thread_ = std::thread{[this] { run(); }};
    return true;
  } catch (const std::system_error&) {
    const std::lock_guard lock{mutex_};
    wanted_ = false;
    running_ = false;
    return false;
  }
}

bool Reloader::busy() const {
  const std::lock_guard lock{mutex_};
  return running_;
}

/// Whether it was asked for since; else the thread is over.
bool Reloader::goes_on() {
  const std::lock_guard lock{mutex_};
  running_ = std::exchange(wanted_, false);
  return running_;
}

void Reloader::run() {
  while (goes_on())
    work_();
}

}  // namespace gateway::cli
