#include "gateway/cli/feed_sums.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace gateway::cli {
namespace {

/// Adds word by word: ledgers are nothing but counters, so a new one cannot be forgotten here.
template <class Ledger>
void add(Ledger& sum, const Ledger& part) {
  constexpr std::size_t kWords = sizeof(Ledger) / sizeof(std::uint64_t);
  using Words = std::array<std::uint64_t, kWords>;
  static_assert(sizeof(Words) == sizeof(Ledger) && std::is_trivially_copyable_v<Ledger>);
  Words sums{};
  Words parts{};
  std::memcpy(&sums, &sum, sizeof sum);
  std::memcpy(&parts, &part, sizeof part);
  for (std::size_t i = 0; i < kWords; ++i)
    sums[i] += parts[i];
  std::memcpy(static_cast<void*>(&sum), &sums, sizeof sum);
}

FeedSums& sums_of(std::vector<FeedSums>& all, const ingest::worker::Worker::FeedStatus& status) {
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const FeedSums& sums) { return sums.name == status.name; });
  if (found != all.end()) return *found;
  FeedSums& fresh = all.emplace_back();
  fresh.name = status.name;
  fresh.address = status.address;
  return fresh;
}

}  // namespace

std::vector<FeedSums> sum_feeds(std::span<const ingest::worker::Worker* const> workers) {
  std::vector<FeedSums> all;
  FeedSums direct{.name = "direct", .address = ""};
  for (const ingest::worker::Worker* worker : workers) {
    for (const auto& status : worker->feeds()) {
      // Every worker has a feed of each format for HTTP, and one makes up data where somebody wants
      // it; those that nobody used are left out.
      const bool on_demand = status.name.starts_with("http/") || status.name == "demo";
      if (on_demand && status.ledger.lines.received == 0) continue;
      FeedSums& sums = status.name.empty() ? direct : sums_of(all, status);
      add(sums.feed, status.ledger);
      add(sums.samples, status.samples);
    }
  }
  if (direct.samples.produced > 0) all.push_back(std::move(direct));
  return all;
}

}  // namespace gateway::cli
