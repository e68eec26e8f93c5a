#pragma once
// bench(): `weir bench`: what this machine makes of the engine, and with --connections what idle
// subscribers cost and how fast all are told. Numbers for a person; tests/bench has those that
// decide.

#include <cstdint>
#include <iosfwd>
#include <string>

#include "gateway/cli/syntax.h"

namespace gateway::cli {

enum class Exit : int;

struct Bench {
  std::uint64_t connections = 0;  // 0: the engine alone
  std::string url;                // of a running Weir; empty: one of our own, in another process
  std::uint64_t seconds = 5;      // how long frames are counted
};

class BenchArguments {
 public:
  explicit BenchArguments(const Syntax& weir);
  BenchArguments(const BenchArguments&) = delete;
  BenchArguments& operator=(const BenchArguments&) = delete;
  ~BenchArguments() = default;

  const Syntax& syntax() const { return syntax_; }
  const Bench& take() const { return bench_; }

 private:
  Syntax syntax_;
  Bench bench_;
};

/// Prints tables to `out` as they are ready, complaints to `err`.
Exit bench(const Bench& wanted, std::ostream& out, std::ostream& err);

}  // namespace gateway::cli
