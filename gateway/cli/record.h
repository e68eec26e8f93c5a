#pragma once
// record(): `weir record`: what a feed would receive, into a file that `weir replay` plays.

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>

#include "gateway/cli/syntax.h"
#include "gateway/tools/target.h"
#include "ingest/base/clock.h"
#include "ingest/base/result.h"
#include "ingest/codec/format.h"

namespace gateway::cli {

enum class Exit : int;

struct RecordWish {
  std::string path;
  tools::Target listen;
  ingest::codec::Format format{};
  std::optional<ingest::Millis> time;  // none: until it is ended
  std::uint64_t bytes_max = std::uint64_t{1} << 30;
  std::optional<tools::Target> forward;
};

class RecordArguments {
 public:
  explicit RecordArguments(const Syntax& weir);
  RecordArguments(const RecordArguments&) = delete;
  RecordArguments& operator=(const RecordArguments&) = delete;
  ~RecordArguments() = default;

  const Syntax& syntax() const { return syntax_; }
  /// The error is a sentence. After the parsing.
  ingest::Result<RecordWish, std::string> take() const;

 private:
  Syntax syntax_;
  std::string path_;
  std::string listen_;
  std::string format_ = "statsd";
  std::string time_;
  std::string bytes_max_ = "1GiB";
  std::string forward_;
};

/// Says where it listens, and at the end what there is, on `out`; complaints on `err`.
Exit record(const RecordWish& wanted, std::ostream& out, std::ostream& err);

}  // namespace gateway::cli
