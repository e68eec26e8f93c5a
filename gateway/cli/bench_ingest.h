#pragma once
// bench_ingest(): `weir bench ingest`: a load on a server, one of its own or a running one: what it
// takes, what each line costs it, and whether its ledgers account for every one.

#include <sys/types.h>

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>

#include "gateway/cli/syntax.h"
#include "gateway/tools/load_pool.h"
#include "gateway/tools/target.h"
#include "ingest/base/clock.h"
#include "ingest/base/result.h"

namespace gateway::cli {

enum class Exit : int;

struct BenchIngest {
  tools::LoadWish load;
  tools::Target::Way way = tools::Target::Way::Udp;
  bool segmented = false;       // UDP_SEGMENT
  double lines_per_second = 0;  // 0: as many as go
  ingest::Millis duration{5'000};
  bool find_zero_loss = false;
  bool json = false;
  std::optional<tools::Target> target;   // none: a server of our own
  std::optional<tools::Target> metrics;  // the target's HTTP
  pid_t pid = 0;                         // the target's process; 0: unknown
};

class BenchIngestArguments {
 public:
  explicit BenchIngestArguments(const Syntax& bench);
  BenchIngestArguments(const BenchIngestArguments&) = delete;
  BenchIngestArguments& operator=(const BenchIngestArguments&) = delete;
  ~BenchIngestArguments() = default;

  const Syntax& syntax() const { return syntax_; }
  /// The error is a sentence. After the parsing.
  ingest::Result<BenchIngest, std::string> take() const;

 private:
  Syntax syntax_;
  std::string to_;
  std::string metrics_;
  std::uint64_t pid_ = 0;
  std::string transport_ = "udp";
  std::string format_ = "statsd";
  std::string kind_;
  std::uint64_t series_ = 1'000;
  std::uint64_t tags_ = 0;
  std::uint64_t lines_ = 0;
  std::uint64_t bytes_ = 0;
  std::string rate_ = "max";
  std::string duration_ = "5s";
  bool find_zero_loss_ = false;
  bool json_ = false;
};

/// Status 1 too where the ledgers of a server do not add up to what was sent.
Exit bench_ingest(const BenchIngest& wanted, std::ostream& out, std::ostream& err);

}  // namespace gateway::cli
