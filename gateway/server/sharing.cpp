#include "gateway/server/sharing.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "gateway/server/answer.h"

namespace gateway::server {
namespace {

using http::Request;
using http::Response;

/// What is said to a request, whatever it is answered.
struct Share {
  bool is_shared = false;
  std::string origin;  // that may read it; empty: none besides our own
  bool is_preflight = false;

  static Share of(const Request& request, const Site& site);
  void add_to(Response& response) const;
  Outcome add_to(Outcome outcome) const;
};

Share Share::of(const Request& request, const Site& site) {
  Share share;
  share.is_shared = http::is_api_path(request.path) || request.path == kStreamPath;
  const auto origin = request.header("origin");
  if (origin && site.host_rules.lists_origin(*origin)) share.origin = *origin;
  share.is_preflight = request.method == http::Method::Options &&
                       request.header("access-control-request-method").has_value();
  return share;
}

void Share::add_to(Response& response) const {
  if (!is_shared) return;
  response.add("Vary", "Origin");
  if (origin.empty()) return;
  response.add("Access-Control-Allow-Origin", origin);
  response.add("Access-Control-Allow-Credentials", "true");
  if (!is_preflight) {
    response.add("Access-Control-Expose-Headers", "Allow, ETag, Retry-After, WWW-Authenticate");
    return;
  }
  const auto allow = std::ranges::find(response.headers, "Allow", &http::Header::name);
  if (allow == response.headers.end()) return;
  response.add("Access-Control-Allow-Methods", std::string{allow->value});
  response.add(
      "Access-Control-Allow-Headers",
      "Authorization, Content-Type, If-Match, If-None-Match, Last-Event-ID, Weir-Batch-Id");
  response.add("Access-Control-Max-Age", "600");
}

Outcome Share::add_to(Outcome outcome) const {
  if (auto* response = std::get_if<Response>(&outcome)) {
    add_to(*response);
    return outcome;
  }
  auto& question = std::get<Question>(outcome);
  question.respond = [share = *this, respond = std::move(question.respond)](
                         const publish::Answer& answer) { return share.add_to(respond(answer)); };
  return outcome;
}

/// A work whose outcome is shared.
class SharedWork final : public Work {
 public:
  SharedWork(std::unique_ptr<Work> work, Share share)
      : work_(std::move(work)), share_(std::move(share)) {}
  void keep(std::string body) override { work_->keep(std::move(body)); }
  std::size_t held_bytes() const override { return work_->held_bytes(); }
  Slice step() override { return work_->step(); }
  bool give_up(BodyBook::Room room) override { return work_->give_up(room); }
  Outcome outcome() override { return share_.add_to(work_->outcome()); }

 private:
  std::unique_ptr<Work> work_;
  Share share_;
};

}  // namespace

Response shared(Response response, const Request& request, const Site& site) {
  Share::of(request, site).add_to(response);
  return response;
}

Reply shared(Reply reply, const Request& request, const Site& site) {
  Share share = Share::of(request, site);
  if (!share.is_shared) return reply;
  if (auto* work = std::get_if<std::unique_ptr<Work>>(&reply))
    return std::make_unique<SharedWork>(std::move(*work), std::move(share));
  if (auto* response = std::get_if<Response>(&reply)) {
    share.add_to(*response);
    return reply;
  }
  return std::get<Question>(share.add_to(Outcome{std::get<Question>(std::move(reply))}));
}

}  // namespace gateway::server
