#include "gateway/cli/server_check.h"

#include <chrono>
#include <ostream>
#include <utility>

#include "gateway/cli/command_line.h"
#include "gateway/tools/http_call.h"

namespace gateway::cli {
namespace {

/// Whoever checks has less patience than whoever asks: a server that hangs is not ready.
constexpr std::chrono::seconds kPatience{3};

}  // namespace

ingest::Result<CheckServer, std::string> parse_server(const std::string& url) {
  using Way = tools::Target::Way;
  auto target = tools::parse_target(url);
  if (!target) return ingest::Failure{"--server " + target.error()};
  if (target->way != Way::Http && target->way != Way::Unix)
    return ingest::Failure{"--server " + url + ": allowed are http://HOST:PORT and unix:/PATH"};
  return CheckServer{*std::move(target)};
}

Exit check_server(const CheckServer& wanted, std::ostream& out, std::ostream& err) {
  tools::HttpQuestion question;
  question.path = "/readyz";
  question.patience = kPatience;
  const auto answer = tools::http_call(wanted.target, question);
  if (!answer) {
    err << "weir check: " << answer.error().what << "\n";
    return Exit::CannotGoOn;
  }
  out << answer->body;
  if (answer->status == 200) return Exit::Good;
  err << "weir check: " << tools::to_text(wanted.target) << " is not ready: it answers with status "
      << answer->status << "\n";
  return Exit::CannotGoOn;
}

}  // namespace gateway::cli
