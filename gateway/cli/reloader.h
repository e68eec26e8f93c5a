#pragma once
// Reloader: work that may wait for a disk, done on a thread of its own, so that who asks for it
// (the hub, which never blocks) goes on. What is asked for while it works is done once more
// afterwards, however often it was asked. Owned by the wiring; one thread asks.

#include <functional>
#include <mutex>
#include <thread>
#include <utility>

namespace gateway::cli {

class Reloader {
 public:
  /// `work` runs on the thread; what it uses outlives this.
  explicit Reloader(std::function<void()> work) : work_(std::move(work)) {}
  Reloader(const Reloader&) = delete;
  Reloader& operator=(const Reloader&) = delete;
  /// Waits for what is under way.
  ~Reloader();

  /// Returns at once. False when the system has no thread to give: nothing was done.
  bool ask();
  /// Any thread: something that was asked for is not done yet.
  bool busy() const;

 private:
  void run();
  bool goes_on();

  std::function<void()> work_;
  mutable std::mutex mutex_;
  bool wanted_ = false;
  bool running_ = false;
  std::thread thread_;  // the asking thread's
};

}  // namespace gateway::cli
