#pragma once
// Crowd: many subscribers of one Weir on one loop, for `weir bench`: all ask the same, so the
// server sends each of them the same frames, or none where nothing has such a name. Owned by the
// command; one thread.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/ws_client/client.h"
#include "ingest/base/result.h"
#include "ingest/io/event_loop.h"
#include "ingest/io/real_clock.h"

namespace gateway::cli {

struct CrowdOptions {
  ws_client::Url url;
  std::string metric = "system.cpu.utilization";  // four times a second
  ws::Compression compression = ws::Compression::None;
};

class Crowd {
 public:
  /// Connections that are being made at once: fewer than a listener's queue holds.
  static constexpr std::size_t kConnectingMax = 256;

  Crowd(ingest::io::EventLoop& loop, const ingest::io::RealClock& clock, CrowdOptions options);
  ~Crowd();
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;

  /// Connects and subscribes until there are so many. The error is the first fault, in a sentence;
  /// a server that does not agree to the compression that was asked for is one.
  ingest::Result<void> grow(std::size_t members);

  /// Lets them read for a while. The error is the first fault.
  ingest::Result<void> rest(ingest::Millis time);

  struct Told {
    std::uint64_t messages = 0;       // of all members
    double seconds = 0;               // how long was listened
    std::optional<double> spread_ms;  // of a frame: its first reader to its last, the median
  };
  /// Listens for a while. Messages that are no updates are not counted.
  ingest::Result<Told> listen(ingest::Millis time);

 private:
  class Member;
  struct Frame {
    std::uint64_t s = 0;
    std::uint64_t readers = 0;
    ingest::MonoTime first{};
    ingest::MonoTime last{};
  };
  void add_member();
  void subscribed();
  void heard(std::string_view message);
  void failed(const std::string& sentence);
  bool run_until(ingest::MonoTime until, bool (Crowd::*done)() const);
  bool is_grown() const { return subscribed_ >= wanted_; }
  bool is_never() const { return false; }

  ingest::io::EventLoop& loop_;
  const ingest::io::RealClock& clock_;
  ws_client::Tools tools_;
  CrowdOptions options_;
  std::vector<std::unique_ptr<Member>> members_;
  std::size_t wanted_ = 0;
  std::size_t subscribed_ = 0;
  std::string fault_;
  bool listening_ = false;
  std::uint64_t messages_ = 0;
  std::vector<Frame> frames_;  // of this listen(), at most some hundred
};

}  // namespace gateway::cli
