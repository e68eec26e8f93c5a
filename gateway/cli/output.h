#pragma once
// Output: standard output of a tool that must not hang: what a slow reader does not take waits
// here, bounded, while the loop goes on. Owned by a command; its loop's thread.

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "ingest/base/result.h"
#include "ingest/io/event_loop.h"
#include "ingest/io/fd.h"

namespace gateway::cli {

class Output final : public ingest::io::FdHandler {
 public:
  static constexpr std::size_t kWaitingMax = std::size_t{8} << 20U;

  /// `fd` is not owned. Where the system lets us, it is opened anew, so that ours does not block
  /// and everybody else's stays as it is; each send to a socket says so itself; a file is written
  /// as it is. `closed` is called once, when the reader has gone.
  Output(ingest::io::EventLoop& loop, int fd, std::function<void()> closed);
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  ~Output() override;

  /// All or nothing of `text`: false, and counted, when more than kWaitingMax would wait.
  bool write(std::string_view text);
  bool is_empty() const { return waiting_.size() == sent_; }
  /// How many write() calls were dropped.
  std::uint64_t dropped() const { return dropped_; }

  void ready(std::uint32_t events) override;

 private:
  void flush();
  ssize_t write_some() const;
  void gone();

  ingest::io::EventLoop& loop_;
  ingest::io::Fd own_;  // opened anew, or a copy
  int fd_;
  bool is_socket_;
  bool watched_ = false;
  bool gone_ = false;
  bool wants_write_ = false;
  std::string waiting_;
  std::size_t sent_ = 0;
  std::uint64_t dropped_ = 0;
  std::function<void()> closed_;
};

}  // namespace gateway::cli
