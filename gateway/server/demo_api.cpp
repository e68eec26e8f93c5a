#include "gateway/server/demo_api.h"

#include "gateway/server/answer.h"
#include "gateway/server/demo_switch.h"
#include "gateway/server/fault_answer.h"

namespace gateway::server {
namespace {

http::Response not_ours(const http::Request& request) {
  return fault_answer(409, "There is no demo data here but what this gateway was started with",
                      request.path);
}

}  // namespace

http::Response begin_demo(const http::Request& request, std::string_view /*rest*/,
                          const AnswerContext& context) {
  if (context.site.demo == nullptr) return not_ours(request);
  context.site.demo->turn_on(context.mono);
  return json_answer(R"({"running":true})");
}

http::Response end_demo(const http::Request& request, std::string_view /*rest*/,
                        const AnswerContext& context) {
  if (context.site.demo == nullptr) return not_ours(request);
  context.site.demo->turn_off();
  return json_answer(R"({"running":false})");
}

}  // namespace gateway::server
