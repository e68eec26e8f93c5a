#pragma once
// bench_fanout(): `weir bench fanout`: what a Weir in a process of its own makes of many readers,
// beside a bare loop of send() of the same bytes on this machine in the same run, each number
// beside its goal.

#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

#include "gateway/cli/syntax.h"
#include "ingest/base/result.h"

namespace gateway::cli {

enum class Exit : int;

struct BenchFanout {
  std::uint64_t workers = 0;      // 0: as many as a Weir has here
  std::vector<std::string> only;  // parts; empty: all
  bool quick = false;
  bool json = false;
};

class BenchFanoutArguments {
 public:
  explicit BenchFanoutArguments(const Syntax& bench);
  BenchFanoutArguments(const BenchFanoutArguments&) = delete;
  BenchFanoutArguments& operator=(const BenchFanoutArguments&) = delete;
  ~BenchFanoutArguments() = default;

  const Syntax& syntax() const { return syntax_; }
  /// The error is a sentence. After the parsing.
  ingest::Result<BenchFanout, std::string> take() const;

 private:
  Syntax syntax_;
  BenchFanout wish_;
};

/// Status 1 where a goal was missed, but for --quick, which judges nothing.
Exit bench_fanout(const BenchFanout& wanted, std::ostream& out, std::ostream& err);

}  // namespace gateway::cli
