#pragma once
// TailArguments: the options of `weir tail`. Part of the command line's inside.

#include <cstdint>
#include <string>
#include <vector>

#include "gateway/cli/subscription.h"
#include "gateway/cli/syntax.h"
#include "ingest/base/result.h"

namespace gateway::cli {

struct Tail {
  Subscription subscription;
  std::string order;          // a column and a direction; empty: the first number, largest first
  std::uint64_t limit = 0;    // rows; 0: all
  std::string url;            // as typed; empty: the default
  std::string ca_file;        // PEM, trusted instead of the system's authorities
  bool json = false;          // lines of JSON on a terminal too
  bool once = false;          // one table, no second attempt
  std::uint64_t windows = 0;  // then end; 0: never
};

class TailArguments {
 public:
  explicit TailArguments(const Syntax& weir);
  TailArguments(const TailArguments&) = delete;
  TailArguments& operator=(const TailArguments&) = delete;
  ~TailArguments() = default;

  const Syntax& syntax() const { return syntax_; }
  /// The error is a sentence. After the parsing.
  ingest::Result<Tail, std::string> take() const;

 private:
  Syntax syntax_;
  Tail tail_;
  std::vector<std::string> where_;
};

}  // namespace gateway::cli
