#pragma once
// QueryArguments: the options of `weir query`. Part of the command line's inside.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gateway/cli/subscription.h"
#include "gateway/cli/syntax.h"
#include "gateway/tools/target.h"
#include "ingest/base/clock.h"
#include "ingest/base/result.h"

namespace gateway::cli {

/// One question about what a running Weir has measured.
struct QueryWish {
  enum class Form : std::uint8_t { Table, Json, Csv };
  std::string query;                   // as JSON
  std::string metric;                  // of it
  std::optional<ingest::Millis> last;  // nothing: one window alone
  std::optional<std::int64_t> end_ms;  // nothing: now
  std::string step;                    // empty: the server's choice
  tools::Target target;
  Form form = Form::Table;
};

class QueryArguments {
 public:
  explicit QueryArguments(const Syntax& weir);
  QueryArguments(const QueryArguments&) = delete;
  QueryArguments& operator=(const QueryArguments&) = delete;
  ~QueryArguments() = default;

  const Syntax& syntax() const { return syntax_; }
  /// The error is a sentence. After the parsing.
  ingest::Result<QueryWish, std::string> take() const;

 private:
  Syntax syntax_;
  Subscription asked_;
  std::vector<std::string> where_;
  std::vector<std::string> derive_;
  std::uint64_t limit_ = 0;
  std::string last_;
  std::string step_;
  std::string end_;
  std::string url_;
  bool json_ = false;
  bool csv_ = false;
};

}  // namespace gateway::cli
