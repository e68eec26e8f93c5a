#pragma once
// send(): `weir send`: readings from the command line, or lines from standard input, to a server.

#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "gateway/cli/syntax.h"
#include "gateway/tools/target.h"
#include "ingest/base/result.h"
#include "ingest/codec/format.h"

namespace gateway::cli {

enum class Exit : int;

struct Send {
  std::string lines;  // written; empty: those of standard input
  ingest::codec::Format format = ingest::codec::Format::Statsd;
  tools::Target target;
  std::string token_file;  // empty: none was named
};

class SendArguments {
 public:
  explicit SendArguments(const Syntax& weir);
  SendArguments(const SendArguments&) = delete;
  SendArguments& operator=(const SendArguments&) = delete;
  ~SendArguments() = default;

  const Syntax& syntax() const { return syntax_; }
  /// The error is a sentence that names the fault. After the parsing.
  ingest::Result<Send, std::string> take() const;

 private:
  ingest::Result<std::string, std::string> lines(ingest::codec::Format format) const;

  Syntax syntax_;
  std::string name_;
  std::vector<std::string> values_;
  std::string kind_;
  std::vector<std::string> tags_;
  std::string rate_;
  std::string time_;
  std::string to_;
  std::string token_file_;
  std::string format_ = "statsd";
  bool change_ = false;
  bool from_input_ = false;
};

/// `in` is read to its end where no reading was given; each line leaves as soon as it is whole.
Exit send(const Send& wanted, int in, std::ostream& err);

}  // namespace gateway::cli
