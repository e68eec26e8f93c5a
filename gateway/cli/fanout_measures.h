#pragma once
// FanoutMeasures: what `weir bench fanout` measures, one after the other, each beside its goal. It
// must not know how numbers are shown. Owned by the command, one thread, which forks.

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "ingest/base/result.h"

namespace gateway::cli {

/// One row of the table. What is measured is to be at most the goal, or at least where it says so.
struct FanoutNumber {
  enum class Better : std::uint8_t { Less, More };
  const char* key;   // of JSON
  std::string what;  // for people
  double measured = 0;
  double goal = 0;
  const char* unit = "";
  std::string besides;  // what it was made of
  Better better = Better::Less;

  bool met() const { return better == Better::Less ? measured <= goal : measured >= goal; }
};

struct FanoutPlan {
  unsigned workers = 1;
  bool quick = false;             // few readers, short rounds: shows that all of it works
  std::vector<std::string> only;  // parts by name; empty: all

  /// The parts in their order.
  static const std::vector<std::string>& parts();
};

/// Tells each number when it is known. `progress` is a sentence for who waits.
ingest::Result<void> measure_fanout(const FanoutPlan& plan,
                                    const std::function<void(const FanoutNumber&)>& tell,
                                    const std::function<void(const std::string&)>& progress);

}  // namespace gateway::cli
