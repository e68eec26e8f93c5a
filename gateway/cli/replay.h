#pragma once
// replay(): `weir replay`: a recorded file, or a file of lines, played to a running server; with
// --query evaluated here (replay_query.h).

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <variant>

#include "gateway/cli/replay_query.h"
#include "gateway/cli/syntax.h"
#include "gateway/tools/target.h"
#include "ingest/base/result.h"
#include "ingest/record/open_source.h"
#include "ingest/record/pacer.h"

namespace gateway::cli {

enum class Exit : int;

struct Replay {
  ingest::record::SourceOptions source;
  std::optional<tools::Target> target;  // none: where such a feed usually listens, on this machine
  ingest::record::Speed speed = 1.0;
  std::uint64_t rounds = 1;
  std::string token_file;  // empty: none was named
  std::string token;       // shown to the target; empty: none
};

class ReplayArguments {
 public:
  explicit ReplayArguments(const Syntax& weir);
  ReplayArguments(const ReplayArguments&) = delete;
  ReplayArguments& operator=(const ReplayArguments&) = delete;
  ~ReplayArguments() = default;

  const Syntax& syntax() const { return syntax_; }
  /// The error is a sentence. After the parsing.
  ingest::Result<std::variant<Replay, ReplayQuery>, std::string> take() const;

 private:
  ingest::Result<Replay, std::string> take_played() const;

  Syntax syntax_;
  ReplayQueryArguments query_;
  std::string path_;
  std::string to_;
  std::string token_file_;
  std::string speed_ = "1";
  std::string format_;
  std::string rate_;
  std::uint64_t rounds_ = 1;
};

/// What was played is told on `out`, a line; what went wrong on `err`.
Exit replay(const Replay& wanted, std::ostream& out, std::ostream& err);

}  // namespace gateway::cli
