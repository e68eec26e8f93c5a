#pragma once
// ServiceManager: who started this process and wants to hear how it goes, as systemd does:
// datagrams of KEY=VALUE lines to a Unix socket of its own (sd_notify(3)). One thread. A word that
// cannot be put down at once is not waited for: false, and the caller says it again.

#include <string>
#include <string_view>
#include <utility>

#include "ingest/base/result.h"
#include "ingest/io/fd.h"

namespace ingest::io {

class ServiceManager {
 public:
  /// As NOTIFY_SOCKET has it: the path of a socket, or @name in the abstract namespace.
  static Result<ServiceManager> open(std::string_view address);

  /// It serves, or serves again; `status` is one line for people.
  bool ready(std::string_view status) const;
  /// The watchdog's food.
  bool alive() const;
  /// Until the next ready().
  bool reloading() const;
  bool stopping() const;

 private:
  explicit ServiceManager(Fd fd) : fd_(std::move(fd)) {}
  bool tell(std::string_view lines) const;
  Fd fd_;
};

}  // namespace ingest::io
