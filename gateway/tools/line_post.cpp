#include "gateway/tools/line_post.h"

#include <utility>

#include "gateway/tools/http_call.h"
#include "ingest/codec/line_ends.h"

namespace gateway::tools {
namespace {

using ingest::Error;
using ingest::Failure;
using ingest::Result;
using ingest::codec::LineEnds;

constexpr int kGoodFrom = 200;
constexpr int kGoodBelow = 300;

/// As many whole lines as fit, at least one.
std::size_t fitting(std::string_view lines, std::size_t bytes_max, LineEnds ends) {
  std::size_t taken = 0;
  while (taken < lines.size()) {
    const std::size_t found = ends.first(lines.substr(taken));
    const std::size_t line = found == LineEnds::kNone ? lines.size() - taken : found;
    const std::size_t bare = taken + line - (found == LineEnds::kNone ? 0 : 1);
    if (taken > 0 && bare > bytes_max) break;
    taken += line;
  }
  return taken;
}

}  // namespace

Result<LinePost> LinePost::open(const Target& target, ingest::codec::Format format) {
  if (target.way == Target::Way::Http) return LinePost{std::nullopt, target, format};
  return LinePost{TRY(Outlet::open(target)), target, format};
}

Result<void> LinePost::packet(std::string_view bytes) {
  TRY(outlet_->renew());
  TRY(outlet_->send(bytes));
  ++sent_.packets;
  sent_.bytes += bytes.size();
  return {};
}

Result<void> LinePost::send(std::string_view lines) {
  if (lines.empty()) return {};
  if (!outlet_) return send_in_bodies(lines);
  if (sends_datagrams(target_.way)) return send_in_datagrams(lines);
  TRY(packet(lines));
  return lines.back() == '\n' ? Result<void>{} : packet("\n");
}

Result<void> LinePost::send_datagram(std::string_view bytes) {
  return outlet_ && sends_datagrams(target_.way) ? packet(bytes) : send(bytes);
}

Result<void> LinePost::send_in_datagrams(std::string_view lines) {
  const LineEnds ends{ingest::codec::line_rule_of(format_)};
  while (!lines.empty()) {
    const std::size_t count = fitting(lines, Outlet::kDatagramBytesMax, ends);
    std::string_view some = lines.substr(0, count);
    lines.remove_prefix(count);
    if (some.back() == '\n') some.remove_suffix(1);
    if (!some.empty()) TRY(packet(some));
  }
  return {};
}

Result<void> LinePost::send_in_bodies(std::string_view lines) {
  if (body_.size() + lines.size() + 1 > kBodyBytesMax) TRY(flush());
  body_.append(lines);
  if (body_.back() != '\n') body_.push_back('\n');
  return {};
}

Result<void> LinePost::flush() {
  if (body_.empty()) return {};
  const std::string path =
      "/api/v1/write?format=" + std::string{ingest::codec::format_name(format_)};
  const auto answer = TRY(http_call(target_, {.method = "POST", .path = path, .body = body_}));
  if (answer.status < kGoodFrom || answer.status >= kGoodBelow) {
    std::string why = answer.body;
    while (!why.empty() && (why.back() == '\n' || why.back() == '.'))
      why.pop_back();
    return Failure{Error{answer.status, to_text(target_) + " answered " +
                                            std::to_string(answer.status) +
                                            (why.empty() ? "" : ": " + why)}};
  }
  ++sent_.packets;
  sent_.bytes += body_.size();
  body_.clear();
  return {};
}

Result<void> LinePost::finish() {
  TRY(flush());
  return outlet_ ? outlet_->finish() : Result<void>{};
}

}  // namespace gateway::tools
