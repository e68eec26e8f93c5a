#pragma once
// Ledger: the numbers of the publisher. Written on the hub's thread, published once a tick.

#include <cstdint>

#include "gateway/publish/refusals.h"

namespace gateway::publish {

/// Totals since the start unless said otherwise.
struct Ledger {
  std::uint64_t frames_encoded = 0;     // `u`, corrections and rebases: each once for all readers
  std::uint64_t frames_published = 0;   // frames handed to workers: once a frame and worker
  std::uint64_t snapshots_encoded = 0;  // at most one for a channel and s
  std::uint64_t bytes_encoded = 0;      // of both, headers included
  std::uint64_t replays = 0;            // resumed from the ring
  std::uint64_t subscribed = 0;
  Refusals refused;             // subscriptions refused here
  Refusals questions_refused;   // about the past, before anybody was asked
  std::uint64_t demotions = 0;  // subscriptions moved to a slower rate, as too slow
  std::uint64_t rebases = 0;
  std::uint64_t left_early = 0;           // frames that left a ring before 30 s: its byte cap
  std::uint64_t corrections_dropped = 0;  // windows given up before their last word: their byte cap
  std::uint64_t streams = 0;              // now
  std::uint64_t channels = 0;             // now
  std::uint64_t lingering = 0;            // now: channels without readers
  std::uint64_t readers = 0;              // now: subscriptions
  std::uint64_t questions =
      0;  // now: that wait for their answer, connections whose part is looked up too
  std::uint64_t bytes = 0;  // now: rings, tables and cached snapshots
};

}  // namespace gateway::publish
