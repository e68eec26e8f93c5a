#pragma once
// BareSender: what `weir bench fanout` is compared with: a process that does nothing but send() the
// same bytes to every connection, in rounds, on as many threads as a Weir has workers. A child of
// ours, made before any thread; it ends with its owner.

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ingest/base/clock.h"
#include "ingest/base/result.h"
#include "ingest/io/fd.h"

namespace gateway::cli {

class BareSender {
 public:
  /// The calling process has one thread.
  static ingest::Result<BareSender> start(unsigned threads);
  BareSender(BareSender&& other) noexcept;
  BareSender& operator=(BareSender&&) = delete;
  BareSender(const BareSender&) = delete;
  BareSender& operator=(const BareSender&) = delete;
  ~BareSender();

  /// "127.0.0.1:40123": it accepts whoever comes.
  const std::string& address() const { return address_; }

  struct Order {
    std::uint32_t connections = 0;  // all that there are; 0: closes them, and sends nothing
    std::uint32_t rounds = 0;
    std::uint32_t period_ms = 0;  // a round begins at each multiple of it
    std::uint32_t bytes = 0;      // of what follows the order
  };
  struct Done {
    std::uint64_t cpu_ns = 0;  // of its process, from the first round to the last
    std::uint64_t sends = 0;   // that took all the bytes
    std::uint64_t short_sends = 0;
  };
  /// The answer comes when all rounds are over: poll() until then, and read the connections.
  ingest::Result<void> order(Order order, std::string_view bytes) const;
  /// Nothing while it works.
  ingest::Result<std::optional<Done>> poll() const;

 private:
  BareSender(pid_t pid, ingest::io::Fd orders, std::string address);

  pid_t pid_;
  ingest::io::Fd orders_;
  std::string address_;
};

}  // namespace gateway::cli
