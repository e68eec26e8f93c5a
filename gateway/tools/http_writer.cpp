#include "gateway/tools/http_writer.h"

#include <sys/socket.h>
#include <sys/time.h>

#include <cerrno>
#include <utility>

#include "gateway/http/response_parser.h"
#include "ingest/base/bytes.h"

namespace gateway::tools {
namespace {

using ingest::Error;
using ingest::Failure;
using ingest::Result;
using State = http::ResponseParser::State;

constexpr std::size_t kReadBytes = std::size_t{16} << 10;

/// As Outlet knows it: HTTP has a header for the token.
Target stream_of(const Target& target) {
  Target stream = target;
  stream.way = Target::Way::Tcp;
  stream.token.clear();
  return stream;
}

std::string head_of(const Target& target, ingest::codec::Format format) {
  const bool v6 = target.host.find(':') != std::string::npos;
  std::string head = "POST /api/v1/write?format=";
  head.append(ingest::codec::format_name(format)).append(" HTTP/1.1\r\nHost: ");
  head.append(v6 ? "[" + target.host + "]" : target.host);
  head.append(":").append(std::to_string(target.port)).append("\r\nUser-Agent: weir\r\n");
  if (!target.token.empty())
    head.append("Authorization: Bearer ").append(target.token).append("\r\n");
  return head;
}

void set_patience(int fd) {
  timeval patience{};
  patience.tv_sec = Outlet::kPatience.count() / 1'000;
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
}

}  // namespace

HttpWriter::HttpWriter(Outlet outlet, Target target, std::string head)
    : outlet_(std::move(outlet)),
      target_(std::move(target)),
      head_(std::move(head)),
      buffer_(kReadBytes) {}

Result<HttpWriter> HttpWriter::open(const Target& target, ingest::codec::Format format) {
  auto outlet = Outlet::open(stream_of(target));
  if (!outlet && outlet.error().code == ECONNREFUSED)
    return Failure{Error{ECONNREFUSED, "nobody listens on " + to_text(target)}};
  if (!outlet) return Failure{outlet.error()};
  set_patience(outlet->fd());
  return HttpWriter{*std::move(outlet), target, head_of(target, format)};
}

Result<void> HttpWriter::write(std::string_view body) {
  const std::string head = head_ + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  TRY(outlet_.send(head));
  // A server that refuses the request may answer before it has read all of the body.
  static_cast<void>(outlet_.send(body));
  return read_answer();
}

Result<void> HttpWriter::read_answer() {
  http::ResponseParser parser;
  while (parser.state() == State::Head || parser.state() == State::Body) {
    const ssize_t count = ::recv(outlet_.fd(), buffer_.data(), buffer_.size(), 0);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return Failure{Error{errno, to_text(target_) + " does not answer"}};
    const std::string_view bytes{buffer_.data(), static_cast<std::size_t>(count)};
    if (count > 0) {
      parser.receive(ingest::as_bytes(bytes));
    } else {
      parser.end();
    }
  }
  if (parser.state() == State::Failed)
    return Failure{Error{0, to_text(target_) + " " + std::string{sentence_of(parser.fault())}}};
  const int status = parser.head().status;
  if (status / 100 != 2)
    return Failure{Error{status, to_text(target_) + " answered " + std::to_string(status) + ": " +
                                     parser.excerpt()}};
  if (parser.head().header("connection") != "close") return {};
  outlet_ = TRY(Outlet::open(stream_of(target_)));
  set_patience(outlet_.fd());
  return {};
}

}  // namespace gateway::tools
