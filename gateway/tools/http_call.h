#pragma once
// http_call(): one HTTP/1.1 request and its whole answer, for tools: writing lines, asking, reading
// /metrics. Blocks, for some seconds at most; a connection for each.

#include <chrono>
#include <string>
#include <string_view>

#include "gateway/tools/target.h"
#include "ingest/base/result.h"

namespace gateway::tools {

struct HttpAnswer {
  int status = 0;
  std::string body;
};
struct HttpQuestion {
  std::string_view method = "GET";
  std::string path = "/";
  std::string_view body;
  std::chrono::milliseconds patience{0};  // with each piece of the answer; 0: Outlet::kPatience
};

/// To Way::Http, or Way::Unix. The answer's body is at most kHttpBodyMax. The error is a sentence
/// that names the target: nobody listens, or no HTTP came back.
constexpr std::size_t kHttpBodyMax = std::size_t{64} << 20;
ingest::Result<HttpAnswer> http_call(const Target& target, const HttpQuestion& question);

}  // namespace gateway::tools
