#pragma once
// HttpWriter: bodies of lines to a server's write path, one after the other over one connection
// that is kept: what a load costs is the lines, not the connecting. Owned by a tool; one thread;
// blocks, but never longer than Outlet::kPatience.

#include <string>
#include <string_view>
#include <vector>

#include "gateway/tools/outlet.h"
#include "gateway/tools/target.h"
#include "ingest/base/result.h"
#include "ingest/codec/format.h"

namespace gateway::tools {

class HttpWriter {
 public:
  /// Connects. `target` is Way::Http.
  static ingest::Result<HttpWriter> open(const Target& target, ingest::codec::Format format);

  /// One body, acknowledged (2xx). The error is a sentence with what was answered instead. Nothing
  /// is sent again: whether a body counts whose connection broke is not known.
  ingest::Result<void> write(std::string_view body);

 private:
  HttpWriter(Outlet outlet, Target target, std::string head);
  ingest::Result<void> read_answer();

  Outlet outlet_;
  Target target_;
  std::string head_;  // but the length of the body
  std::vector<char> buffer_;
};

}  // namespace gateway::tools
