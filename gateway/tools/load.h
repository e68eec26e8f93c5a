#pragma once
// load(): the packets of a pool to a server, round and round, as fast as possible or evenly, for
// some time. Over HTTP each is the body of a write, and the next one waits for its answer.
// Exact: it says what the system took from it. One thread, which it keeps busy.

#include <cstdint>
#include <functional>

#include "gateway/tools/load_pool.h"
#include "gateway/tools/target.h"
#include "ingest/base/clock.h"
#include "ingest/base/result.h"
#include "ingest/codec/format.h"

namespace gateway::tools {

struct LoadOptions {
  Target target;
  ingest::codec::Format format = ingest::codec::Format::Statsd;  // Http: what the bodies are
  bool segmented = false;       // Udp: UDP_SEGMENT, the kernel cuts many datagrams from one call
  double lines_per_second = 0;  // 0: as fast as possible
  ingest::Millis duration{5'000};
  /// Waits until then, at once for a time that has passed. True: end.
  std::function<bool(ingest::MonoTime)> wait_until;
};

struct Loaded {
  std::uint64_t packets = 0;
  std::uint64_t lines = 0;
  std::uint64_t bytes = 0;
  double seconds = 0;
  double lines_per_second() const { return static_cast<double>(lines) / seconds; }
};

/// The error is a sentence: nobody listens, the system does not segment.
ingest::Result<Loaded> load(const LoadPool& pool, const LoadOptions& options);

}  // namespace gateway::tools
