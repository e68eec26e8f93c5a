#include "gateway/tools/http_call.h"

#include <sys/socket.h>
#include <sys/time.h>

#include <cerrno>
#include <vector>

#include "gateway/http/response_parser.h"
#include "gateway/tools/outlet.h"
#include "ingest/base/bytes.h"

namespace gateway::tools {
namespace {

using ingest::Error;
using ingest::Failure;
using ingest::Result;

constexpr std::size_t kReadBytes = std::size_t{64} << 10;

std::string head_of(const Target& target, const HttpQuestion& question) {
  std::string head{question.method};
  const bool v6 = target.host.find(':') != std::string::npos;
  head.append(" ").append(question.path).append(" HTTP/1.1\r\nHost: ");
  if (target.way == Target::Way::Unix) {
    head.append("localhost");
  } else {
    head.append(v6 ? "[" + target.host + "]" : target.host);
    head.append(":").append(std::to_string(target.port));
  }
  head.append("\r\nUser-Agent: weir\r\nConnection: close\r\n");
  if (!target.token.empty())
    head.append("Authorization: Bearer ").append(target.token).append("\r\n");
  if (!question.body.empty())
    head.append("Content-Length: ").append(std::to_string(question.body.size())).append("\r\n");
  return head.append("\r\n");
}

Failure<Error> no_answer(const Target& target, const std::string& what) {
  return {Error{0, to_text(target) + " " + what}};
}

Result<HttpAnswer> read_answer(int fd, const Target& target) {
  http::ResponseParser parser{http::ResponseLimits{.excerpt_bytes_max = kHttpBodyMax}};
  using State = http::ResponseParser::State;
  std::vector<char> buffer(kReadBytes);
  while (parser.state() == State::Head || parser.state() == State::Body) {
    const ssize_t count = ::recv(fd, buffer.data(), buffer.size(), 0);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return no_answer(target, "does not answer");
    const std::string_view bytes{buffer.data(), static_cast<std::size_t>(count)};
    if (count > 0) {
      parser.receive(ingest::as_bytes(bytes));
    } else {
      parser.end();
    }
  }
  if (parser.state() == State::Failed)
    return no_answer(target, std::string{sentence_of(parser.fault())});
  return HttpAnswer{parser.head().status, parser.excerpt()};
}

}  // namespace

Result<HttpAnswer> http_call(const Target& target, const HttpQuestion& question) {
  Target stream = target;
  if (target.way == Target::Way::Http) stream.way = Target::Way::Tcp;
  stream.token.clear();  // HTTP has a header for it
  auto outlet = Outlet::open(stream);
  if (!outlet && outlet.error().code == ECONNREFUSED)
    return Failure{Error{ECONNREFUSED, "nobody listens on " + to_text(target)}};
  if (!outlet) return Failure{outlet.error()};
  timeval patience{};
  const auto wait = question.patience.count() > 0 ? question.patience : Outlet::kPatience;
  patience.tv_sec = wait.count() / 1'000;
  ::setsockopt(outlet->fd(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  TRY(outlet->send(head_of(target, question)));
  // A server that refuses the request may answer before it has read all of the body.
  if (!question.body.empty()) static_cast<void>(outlet->send(question.body));
  return read_answer(outlet->fd(), target);
}

}  // namespace gateway::tools
