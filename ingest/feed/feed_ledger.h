#pragma once
// FeedLedger: where everything that a feed was offered went, for one feed on one worker. Plain
// words: the worker publishes it whole at the end of a turn, any thread reads it whole, so it adds
// up whenever it is read.

#include <cstdint>
#include <type_traits>

#include "ingest/codec/line_ledger.h"

namespace ingest::feed {

struct FeedLedger {
  struct Datagrams {
    std::uint64_t received = 0;
    std::uint64_t kernel_dropped = 0;  // as the kernel counts them for our socket
    std::uint64_t merged = 0;          // of the received: merged with others by UDP_GRO
    std::uint64_t offered() const { return received + kernel_dropped; }
    /// The kernel counts several that it had merged as one when it drops them.
    bool drops_are_lower_bound() const { return merged > 0 && kernel_dropped > 0; }
  };
  struct Connections {
    std::uint64_t opened = 0;
    std::uint64_t closed = 0;   // for any reason; opened - closed are open now
    std::uint64_t idle = 0;     // of the closed: by idle_timeout
    std::uint64_t denied = 0;   // of the closed: by their first line
    std::uint64_t revoked = 0;  // of the closed: what let them in counts no more
    std::uint64_t refused = 0;  // never opened: the cap was reached, or the address not allowed
    std::uint64_t crowded = 0;  // never opened: its address has as many as it may
    std::uint64_t open() const { return opened - closed; }
  };

  Datagrams datagrams;
  codec::LineLedger lines;
  std::uint64_t bytes = 0;  // received, of payload
  Connections connections;
  // Host only.
  std::uint64_t sources_missing = 0;  // files of /proc and the like that gave nothing
  std::uint64_t devices_folded = 0;   // now: cores, disks, interfaces without rows of their own
};
static_assert(std::is_trivially_copyable_v<FeedLedger>);
static_assert(sizeof(FeedLedger) % sizeof(std::uint64_t) == 0);

}  // namespace ingest::feed
