#include "gateway/tools/load.h"

#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "gateway/tools/http_writer.h"
#include "gateway/tools/outlet.h"

namespace gateway::tools {
namespace {

using ingest::Error;
using ingest::Failure;
using ingest::Millis;
using ingest::MonoTime;
using ingest::Result;

constexpr std::size_t kMessagesMax = 64;  // of one sendmmsg
constexpr std::size_t kSegmentsMax = 64;  // of one message: UDP_MAX_SEGMENTS
constexpr std::size_t kSegmentedBytes = 65'000;
/// What a stalled sender makes good at once: more would be a burst that nobody asked for.
constexpr double kLatenessMax = 0.005;
/// How often the clock is asked at full speed, in calls.
constexpr int kCallsPerLook = 8;

MonoTime now() {
  return std::chrono::steady_clock::now();
}

double seconds_between(MonoTime from, MonoTime to) {
  return std::chrono::duration<double>(to - from).count();
}

using Way = std::variant<Outlet, HttpWriter>;

/// Sends runs of packets, and counts what was taken.
class Sending {
 public:
  Sending(const LoadPool& pool, Way& way, std::size_t segments)
      : pool_(pool), way_(way), segments_(segments) {}

  /// At most so many packets, in one call; how many went.
  Result<std::size_t> some(std::size_t packets) {
    auto* const outlet = std::get_if<Outlet>(&way_);
    const bool datagrams = outlet != nullptr && sends_datagrams(outlet->target().way);
    const std::size_t wanted = std::min(packets, datagrams ? kMessagesMax * segments_ : 1);
    const std::size_t sent =
        datagrams ? TRY(write_datagrams(*outlet, wanted)) : TRY(write_one(outlet));
    sent_ += sent;
    return sent;
  }
  std::uint64_t sent() const { return sent_; }

 private:
  Result<std::size_t> write_one(Outlet* stream) {
    const std::string_view packet = pool_.run(next_, 1);
    TRY(stream != nullptr ? stream->send(packet) : std::get<HttpWriter>(way_).write(packet));
    advance(1);
    return std::size_t{1};
  }

  Result<std::size_t> write_datagrams(Outlet& outlet, std::size_t packets) {
    std::size_t messages = 0;
    std::size_t at = next_;
    for (std::size_t left = packets; left > 0 && messages < kMessagesMax; ++messages) {
      const std::size_t count = std::min({left, segments_, pool_.packets() - at});
      const std::string_view bytes = pool_.run(at, count);
      // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): sendmmsg only reads
      places_[messages] = {const_cast<char*>(bytes.data()), bytes.size()};
      headers_[messages].msg_hdr.msg_iov = &places_[messages];
      headers_[messages].msg_hdr.msg_iovlen = 1;
      counts_[messages] = count;
      left -= count;
      at = (at + count) % pool_.packets();
    }
    const int taken = ::sendmmsg(outlet.fd(), headers_.data(), static_cast<unsigned>(messages), 0);
    if (taken < 0 && (errno == EINTR || errno == ENOBUFS)) return std::size_t{0};
    if (taken < 0)
      return Failure{Error{errno, errno == ECONNREFUSED
                                      ? "nobody listens on " + to_text(outlet.target())
                                      : "cannot send to " + to_text(outlet.target()) + ": " +
                                            ingest::io::errno_text(errno)}};
    std::size_t sent = 0;
    for (std::size_t i = 0; i < static_cast<std::size_t>(taken); ++i)
      sent += counts_[i];
    advance(sent);
    return sent;
  }

  void advance(std::size_t packets) { next_ = (next_ + packets) % pool_.packets(); }

  const LoadPool& pool_;
  Way& way_;
  std::size_t segments_;
  std::size_t next_ = 0;
  std::uint64_t sent_ = 0;
  std::array<iovec, kMessagesMax> places_{};
  std::array<mmsghdr, kMessagesMax> headers_{};
  std::array<std::size_t, kMessagesMax> counts_{};
};

Result<std::size_t> segments_of(const LoadPool& pool, const LoadOptions& options, int fd) {
  if (!options.segmented) return std::size_t{1};
  const int bytes = static_cast<int>(pool.packet_bytes());
  if (::setsockopt(fd, SOL_UDP, UDP_SEGMENT, &bytes, sizeof bytes) != 0)
    return Failure{
        Error{errno, "this system does not segment UDP: " + ingest::io::errno_text(errno)}};
  return std::clamp<std::size_t>(kSegmentedBytes / pool.packet_bytes(), 1, kSegmentsMax);
}

Result<Way> open_way(const LoadOptions& options) {
  if (options.target.way == Target::Way::Http)
    return Way{TRY(HttpWriter::open(options.target, options.format))};
  return Way{TRY(Outlet::open(options.target))};
}

Result<void> at_full_speed(Sending& sending, const LoadOptions& options, MonoTime end) {
  while (now() < end && !options.wait_until({})) {
    for (int i = 0; i < kCallsPerLook; ++i)
      TRY(sending.some(kMessagesMax * kSegmentsMax));
  }
  return {};
}

/// Evenly: each packet when it is due, in batches where they are due together.
Result<void> at_a_rate(Sending& sending, const LoadOptions& options, double packets_per_second,
                       MonoTime begin) {
  const MonoTime end = begin + options.duration;
  const double most_late = std::max(1.0, packets_per_second * kLatenessMax);
  double given_up = 0;
  for (MonoTime time = now(); time < end; time = now()) {
    const double due = seconds_between(begin, time) * packets_per_second - given_up;
    double late = due - static_cast<double>(sending.sent());
    if (late < 1) {
      const std::chrono::duration<double> wait{(1 - late) / packets_per_second};
      const auto until = time + std::chrono::duration_cast<std::chrono::nanoseconds>(wait);
      if (options.wait_until(std::min(until, end))) return {};
      continue;
    }
    if (late > most_late) given_up += late - most_late;
    late = std::min(late, most_late);
    TRY(sending.some(static_cast<std::size_t>(late)));
  }
  return {};
}

}  // namespace

Result<Loaded> load(const LoadPool& pool, const LoadOptions& options) {
  Way way = TRY(open_way(options));
  auto* const outlet = std::get_if<Outlet>(&way);
  const std::size_t segments =
      outlet == nullptr ? 1 : TRY(segments_of(pool, options, outlet->fd()));
  Sending sending{pool, way, segments};
  const auto lines = static_cast<double>(pool.lines_per_packet());
  const MonoTime begin = now();
  if (options.lines_per_second > 0) {
    TRY(at_a_rate(sending, options, options.lines_per_second / lines, begin));
  } else {
    TRY(at_full_speed(sending, options, begin + options.duration));
  }
  Loaded loaded;
  loaded.seconds = seconds_between(begin, now());
  loaded.packets = sending.sent();
  loaded.lines = loaded.packets * pool.lines_per_packet();
  loaded.bytes = loaded.packets * pool.packet_bytes();
  if (outlet != nullptr) TRY(outlet->finish());
  return loaded;
}

}  // namespace gateway::tools
