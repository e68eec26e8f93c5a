#include "gateway/cli/load_run.h"

#include <chrono>
#include <utility>

namespace gateway::cli {
namespace {

using ingest::Millis;
using ingest::MonoTime;
using ingest::Result;
using tools::FeedNumbers;

constexpr Millis kLook{100};
/// What waits in the server's sockets is read by then, or is not going to be.
constexpr int kLooksMax = 50;
/// So many looks without a change: nothing more comes.
constexpr int kStill = 3;
constexpr int kTries = 8;

MonoTime now() {
  return std::chrono::steady_clock::now();
}

/// The server's numbers, once it has read all that it is going to read.
Result<FeedNumbers> settled(const LoadedServer& server, const FeedNumbers& before,
                            const tools::LoadOptions& options, std::uint64_t lines) {
  FeedNumbers last = before;
  for (int looks = 0, still = 0; looks < kLooksMax && still < kStill; ++looks) {
    const FeedNumbers seen = TRY(tools::ask_feed_numbers(*server.metrics, server.feed));
    if (seen.lines - before.lines >= lines) return seen;
    still = seen == last ? still + 1 : 0;
    last = seen;
    if (options.wait_until(now() + kLook)) break;
  }
  return last;
}

}  // namespace

std::uint64_t LoadResult::missing() const {
  if (!counted || !counts_datagrams) return 0;
  const std::uint64_t offered = counted->datagrams_received + counted->datagrams_dropped;
  return sent.packets > offered ? sent.packets - offered : 0;
}

bool LoadResult::is_lossless() const {
  return counted && counted->datagrams_dropped == 0 && counted->lines == sent.lines;
}

bool LoadResult::adds_up() const {
  if (!counted) return true;
  const std::uint64_t per_packet = sent.packets > 0 ? sent.lines / sent.packets : 0;
  const std::uint64_t offered = counted->datagrams_received + counted->datagrams_dropped;
  const std::uint64_t arrived =
      counts_datagrams ? counted->datagrams_received * per_packet : sent.lines;
  return (!counts_datagrams || offered == sent.packets) && counted->lines == arrived &&
         counted->samples == counted->lines_accepted;
}

std::optional<double> LoadResult::ns_per_line() const {
  constexpr double kNanosInSecond = 1e9;
  if (!cpu_seconds || !counted || counted->lines == 0) return std::nullopt;
  return *cpu_seconds * kNanosInSecond / static_cast<double>(counted->lines);
}

Result<LoadResult> run_load(const tools::LoadPool& pool, const tools::LoadOptions& options,
                            const LoadedServer& server) {
  LoadResult result;
  result.counts_datagrams = server.target.way == tools::Target::Way::Udp;
  FeedNumbers before;
  if (server.metrics) before = TRY(tools::ask_feed_numbers(*server.metrics, server.feed));
  const auto begin = tools::process_numbers(server.pid);
  result.sent = TRY(tools::load(pool, options));
  if (server.metrics)
    result.counted = since(TRY(settled(server, before, options, result.sent.lines)), before);
  const auto end = tools::process_numbers(server.pid);
  if (server.pid != 0 && begin && end) {
    result.cpu_seconds = end->cpu_seconds - begin->cpu_seconds;
    result.memory_bytes = end->memory_bytes;
  }
  return result;
}

Result<double> find_zero_loss(const LoadResult& overload,
                              const std::function<Result<LoadResult>(double)>& run,
                              const std::function<void(double, const LoadResult&)>& tell) {
  double below = 0;
  double above = overload.sent.lines_per_second();
  if (overload.is_lossless()) return above;
  for (int i = 0; i < kTries; ++i) {
    const double rate = (below + above) / 2;
    const LoadResult tried = TRY(run(rate));
    tell(rate, tried);
    // What was sent, where the sender itself could not keep that rate.
    (tried.is_lossless() ? below : above) =
        tried.is_lossless() ? tried.sent.lines_per_second() : rate;
    if (below >= above) break;
  }
  return below;
}

}  // namespace gateway::cli
