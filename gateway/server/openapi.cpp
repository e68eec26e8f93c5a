#include "gateway/server/openapi.h"

#include "gateway/server/answer.h"
#include "gateway/server/fault_answer.h"

namespace gateway::server {

std::string openapi_text(std::string_view version) {
  std::string text = R"({"openapi":"3.1.0","info":{"title":"Weir","version":)";
  text += http::quote_json(version);
  text += R"(,"description":"Metric events in, windowed statistics out. Times are ms since 1970.",)"
          R"("license":{"name":"See LICENSE"}},"servers":[{"url":"/"}],)"
          R"("security":[{},{"bearer":[]},{"session":[]},{"ticket":[]}],"paths":)";
  text += openapi_paths();
  text += R"(,"components":)";
  text += openapi_components();
  return text + '}';
}

http::Response answer_openapi(const http::Request& /*request*/, std::string_view /*rest*/,
                              const AnswerContext& context) {
  return json_answer(openapi_text(context.site.settings.version));
}

}  // namespace gateway::server
