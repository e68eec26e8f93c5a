#include "gateway/server/api.h"

#include <utility>

#include "gateway/server/fault_answer.h"

namespace gateway::server {

using http::quote_json;

namespace {

void add(std::string& body, std::string_view name, std::uint64_t value) {
  body += ",\"";
  body.append(name).append("\":").append(std::to_string(value));
}

std::string slow_json(const std::vector<SlowReader>& readers, Audience audience) {
  std::string body = "[";
  for (const SlowReader& reader : readers) {
    if (body.size() > 1) body += ',';
    body += R"({"over":)" + quote_json(reader.over);
    add(body, "subs", reader.subs);
    add(body, "behind", reader.behind);
    add(body, "skipped", reader.lag.skipped);
    add(body, "demoted", reader.lag.demoted);
    add(body, "held", reader.lag.held);
    if (audience == Audience::Admin) {
      body += R"(,"address":)" + quote_json(reader.address);
      body += R"(,"name":)" + quote_json(reader.identity);
    }
    body += '}';
  }
  return body + ']';
}

std::string streams_json(const publish::StreamList& streams, Audience audience) {
  std::string body = "[";
  for (const publish::StreamFacts& stream : streams) {
    if (body.size() > 1) body += ',';
    body += R"({"metric":)" + quote_json(stream.metric);
    add(body, "rows", stream.rows);
    add(body, "readers", stream.readers);
    add(body, "cells_per_second", stream.cells_per_second);
    add(body, "bytes", stream.bytes);
    if (audience == Audience::Admin) body += R"(,"query":)" + stream.query;
    body += '}';
  }
  return body + ']';
}

}  // namespace

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
    body += R"(,"slow":)" + slow_json(numbers->slow, numbers->audience);
    body += R"(,"streams":)" + (numbers->streams == nullptr
                                    ? std::string{"[]"}
                                    : streams_json(*numbers->streams, numbers->audience));
    body += R"(,"demo":)" + std::string{numbers->demo ? "true" : "false"};
    if (!numbers->archive.empty()) body += R"(,"archive":)" + numbers->archive;
    if (!numbers->exposition.empty()) body += R"(,"exposition":)" + numbers->exposition;
    if (!numbers->ingest.empty()) body += R"(,"ingest":)" + numbers->ingest;
  }
  return json_answer(std::move(body) + '}');
}

}  // namespace gateway::server
