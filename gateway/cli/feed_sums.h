#pragma once
// FeedSums: what became of everything that was offered to each feed, all workers together. Reads
// only what is published for any thread.

#include <span>
#include <string>
#include <vector>

#include "ingest/feed/feed_ledger.h"
#include "ingest/worker/sample_ledger.h"
#include "ingest/worker/worker.h"

namespace gateway::cli {

struct FeedSums {
  std::string name;     // "udp/statsd"; "direct" for samples of no feed
  std::string address;  // as bound; empty where there is none
  ingest::feed::FeedLedger feed{};
  ingest::worker::SampleLedger samples{};

  bool is_host() const { return name == "host"; }
};

/// In the order in which they were added; samples of no feed last, where there are any.
std::vector<FeedSums> sum_feeds(std::span<const ingest::worker::Worker* const> workers);

}  // namespace gateway::cli
