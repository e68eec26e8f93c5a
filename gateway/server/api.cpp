#include "gateway/server/api.h"

#include <utility>

#include "gateway/server/fault_answer.h"

namespace gateway::server {

using http::quote_json;

http::Response answer_status(const Settings& settings, ingest::WallTime now,
                             const std::optional<StatusNumbers>& numbers) {
  std::string body = R"({"version":)" + quote_json(settings.version);
  body += R"(,"epoch":)" + quote_json(settings.rules.epoch);
  body += R"(,"now":)" + std::to_string(ingest::to_ms(now));
  body += R"(,"started":)" + std::to_string(ingest::to_ms(settings.started));
  body += R"(,"listeners":[)";
  for (bool first = true; const ListenerInfo& listener : settings.listeners) {
    if (!std::exchange(first, false)) body += ',';
    body += R"({"what":)" + quote_json(listener.what) + R"(,"address":)" +
            quote_json(listener.address) + '}';
  }
  body += ']';
  if (numbers) {
    body += R"(,"connections":)" + std::to_string(numbers->connections);
    body += R"(,"series":)" + std::to_string(numbers->series);
    if (!numbers->ingest.empty()) body += R"(,"ingest":)" + numbers->ingest;
  }
  return json_answer(std::move(body) + '}');
}

}  // namespace gateway::server
