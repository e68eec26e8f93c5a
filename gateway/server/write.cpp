#include "gateway/server/write.h"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "gateway/server/fault_answer.h"
#include "gateway/server/write_desk.h"
#include "gateway/server/write_wish.h"
#include "gateway/server/write_work.h"

namespace gateway::server {
namespace {

using http::Request;
using http::Response;
using Refused = WriteRefused;

void count(const AnswerContext& context, Refused why) {
  if (context.counts != nullptr) context.counts->write_refused(why);
}

Response busy(std::string_view sentence, std::string_view path) {
  Response response = fault_answer(503, sentence, path);
  return response.add("Retry-After", "1");
}

WriteOf write_of(const WriteWish& wish, const Request& request, const AnswerContext& context) {
  const auto client = context.site.write_rules.client_of(request, context.peer);
  WriteOf of{.wish = wish,
             .client = client.value_or(context.peer),
             .batch_key = {},
             .path = std::string{request.path}};
  if (wish.batch.empty()) return of;
  // Whose id it is belongs to it: writers know nothing of each other's.
  of.batch_key = (context.rights != nullptr ? context.rights->holder() : "") + "\n" + wish.batch;
  return of;
}

}  // namespace

std::optional<Response> refuse_address(const Request& request, const AnswerContext& context) {
  const WriteRules& rules = context.site.write_rules;
  const std::optional<Peer> client = rules.client_of(request, context.peer);
  if (rules.allow_everybody() || (client && rules.allows(*client))) return std::nullopt;
  count(context, Refused::Address);
  const std::string who = client ? "The address " + client->text()
                                 : std::string{"A client without a readable X-Forwarded-For"};
  return fault_answer(403, who + " may not write: it is not in http.writers_allow", request.path);
}

/// None of the body is taken then, so that the client may send all of it again.
std::optional<Response> refuse_rate(const Request& request, const AnswerContext& context) {
  if (context.desk == nullptr || context.desk->intake == nullptr) return std::nullopt;
  const auto client = context.site.write_rules.client_of(request, context.peer);
  const auto wait = context.desk->intake->wait_of(client.value_or(context.peer));
  if (wait.count() <= 0) return std::nullopt;
  count(context, Refused::Rate);
  Response response = fault_answer(429,
                                   "This address wrote more samples a second than "
                                   "http.writers_rate; none of this body counts",
                                   request.path);
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait).count();
  return response.add("Retry-After", std::to_string(seconds));
}

std::optional<Response> refuse_write(const Request& request, const AnswerContext& context) {
  if (!is_write_path(request.path)) return std::nullopt;
  const auto wish = read_wish(request);
  if (wish) return refuse_rate(request, context);
  count(context, Refused::Wish);
  Response response = fault_answer(wish.error().status, wish.error().sentence, request.path);
  if (response.status == 415) response.add("Accept-Encoding", http::kCodingsTaken);
  return response;
}

namespace {

/// The body is inflated, or needs no inflating. What is short is done at once, while the turn
/// lasts.
Reply answer_plain(const Request& request, http::ContentCoding coding,
                   std::unique_ptr<WriteWork> work, WriteDesk& desk) {
  http::Inflater& inflater = desk.inflater;
  const bool inflated = coding != http::ContentCoding::Identity;
  const std::string_view plain = inflated ? inflater.text() : std::string_view{request.body};
  const auto kept = [&] {
    if (inflated) work->keep_plain(inflater.take());
    return std::move(work);
  };
  if (plain.size() > Intake::kSliceBytes || desk.turn_is_over()) return kept();
  desk.take(plain.size());
  work->lend(plain);
  while (work->step().more)
    if (work->is_blocked()) return kept();
  inflater.rest();
  Outcome outcome = work->outcome();
  if (auto* const question = std::get_if<Question>(&outcome)) return std::move(*question);
  return std::get<Response>(std::move(outcome));
}

}  // namespace

Reply answer_write(const Request& request, std::string_view /*rest*/,
                   const AnswerContext& context) {
  if (context.desk == nullptr || context.desk->intake == nullptr)
    return busy("Nothing takes lines here", request.path);
  const auto wish = read_wish(request);
  if (!wish) return fault_answer(wish.error().status, wish.error().sentence, request.path);
  WriteDesk& desk = *context.desk;
  http::Inflater& inflater = desk.inflater;
  const auto fails = [&](http::Inflater::Fault fault) {
    inflater.rest();
    return refuse_body(fault, request.path, context.counts);
  };
  const auto begun =
      inflater.begin(wish->coding, request.body, context.site.settings.limits.body_max);
  if (!begun) return fails(begun.error());
  const bool coded = wish->coding != http::ContentCoding::Identity;
  const bool later = coded && desk.turn_is_over();
  const auto slice = later ? http::Inflater::Slice::More : inflater.some();
  if (coded && !later) desk.take(inflater.worked());
  if (!slice) return fails(slice.error());
  auto work = std::make_unique<WriteWork>(write_of(*wish, request, context), context);
  if (*slice == http::Inflater::Slice::More) {
    work->go_on_with(std::exchange(inflater, http::Inflater{}));
    return work;
  }
  return answer_plain(request, wish->coding, std::move(work), desk);
}

}  // namespace gateway::server
