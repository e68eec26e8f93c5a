#pragma once
// ReplayQuery: `weir replay FILE --query Q`: a query over a file, without a server.

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "gateway/cli/subscription.h"
#include "gateway/cli/syntax.h"
#include "gateway/cli/window_text.h"
#include "ingest/base/result.h"
#include "ingest/query/query.h"
#include "ingest/record/open_source.h"
#include "ingest/replay/evaluation.h"

namespace gateway::cli {

enum class Exit : int;

struct ReplayQuery {
  ingest::record::SourceOptions source;
  ingest::query::Query query;
  ingest::replay::Options options;
  Form form = Form::Table;
};

/// The options of `weir replay` that are about a query.
class ReplayQueryArguments {
 public:
  explicit ReplayQueryArguments(const Syntax& replay);
  ReplayQueryArguments(const ReplayQueryArguments&) = delete;
  ReplayQueryArguments& operator=(const ReplayQueryArguments&) = delete;
  ~ReplayQueryArguments() = default;

  /// Whether --query was given.
  bool wanted() const { return !asked_.empty(); }
  /// An option that means nothing without --query and was given; empty: none.
  std::string stray() const;
  /// The error is a sentence. After the parsing; wanted().
  ingest::Result<ReplayQuery, std::string> take(const ingest::record::SourceOptions& source) const;

 private:
  const Word& own(const Word& word);
  void add_words();
  void add_time();
  ingest::Result<ingest::query::Query, std::string> take_query(ingest::Millis pane) const;
  ingest::Result<ingest::replay::Options, std::string> take_options() const;
  Form form() const;

  Syntax syntax_;
  std::string asked_;  // JSON, or a metric
  Subscription words_;
  std::vector<std::string> where_;
  std::string order_;
  std::uint64_t limit_ = 0;
  std::string clock_ = "event";
  std::string late_ = "drop";
  std::string pane_;
  std::string lateness_;
  std::string future_;
  std::string idle_;
  std::string ttl_;
  std::uint64_t workers_ = 1;
  std::uint64_t read_bytes_ = 0;
  bool json_ = false;
  bool csv_ = false;
  std::vector<const char*> own_;
};

/// Windows on `out`; where everything went on `err`, a line.
Exit replay_query(const ReplayQuery& wanted, std::ostream& out, std::ostream& err);

}  // namespace gateway::cli
