#include "gateway/server/fault_answer.h"

#include <string>

namespace gateway::server {
namespace {

using http::quote_json;
using http::Response;

Response json(int status, std::string body) {
  Response response;
  response.status = status;
  response.add("Content-Type", "application/json").add("Cache-Control", "no-store");
  response.add("X-Content-Type-Options", "nosniff");
  response.body = std::move(body);
  return response;
}

/// The codes that Influx 2 has for these.
std::string_view code_of_influx2(int status) {
  switch (status) {
    case 401:
      return "unauthorized";
    case 403:
      return "forbidden";
    case 404:
      return "not found";
    case 405:
      return "method not allowed";
    case 413:
      return "request too large";
    case 415:
      return "unsupported media type";
    case 501:
      return "not implemented";
    case 503:
      return "unavailable";
    default:
      return status >= 500 ? "internal error" : "invalid";
  }
}

/// `more` are further members, each with a comma before it.
Response influx1(int status, std::string_view sentence, std::string_view more) {
  Response response =
      json(status, R"({"error":)" + quote_json(sentence) + std::string{more} + "}\n");
  return response.add("X-Influxdb-Error", sentence);
}

Response influx2(int status, std::string_view sentence, std::string_view more) {
  return json(status, R"({"code":)" + quote_json(code_of_influx2(status)) + R"(,"message":)" +
                          quote_json(sentence) + std::string{more} + "}\n");
}

Response own(int status, std::string_view sentence, std::string_view more) {
  Response response = http::error_response(status, sentence, "/api/");
  auto& body = std::get<std::string>(response.body);
  body.insert(body.rfind('}'), more);
  return response;
}

Response in_dialect(Dialect dialect, int status, std::string_view sentence, std::string_view more) {
  switch (dialect) {
    case Dialect::Own:
      break;
    case Dialect::Influx1:
      return influx1(status, sentence, more);
    case Dialect::Influx2:
      return influx2(status, sentence, more);
  }
  return own(status, sentence, more);
}

/// "line 2: bad_value, line 5: bad_rate".
std::string faults_text(const Taken& taken) {
  std::string text;
  for (const Taken::Fault& fault : taken.faults) {
    text += text.empty() ? "line " : ", line ";
    text.append(std::to_string(fault.line)).append(": ").append(fault.reason);
  }
  if (taken.rejected > taken.faults.size()) text += ", and more";
  return text;
}

std::string faults_json(const Taken& taken) {
  std::string text = R"(,"accepted":)" + std::to_string(taken.accepted) + R"(,"rejected":)" +
                     std::to_string(taken.rejected) + R"(,"faults":[)";
  for (const Taken::Fault& fault : taken.faults) {
    if (!text.ends_with('[')) text += ',';
    text += R"({"line":)" + std::to_string(fault.line) + R"(,"reason":)" +
            quote_json(fault.reason) + '}';
  }
  return text + ']';
}

/// Telegraf and the clients of Influx look for the words "partial write" and "unable to parse".
std::string sentence_of(const Taken& taken, Dialect dialect) {
  const std::string accepted = std::to_string(taken.accepted);
  const std::string rejected = std::to_string(taken.rejected);
  const std::uint64_t lines = taken.accepted + taken.rejected;
  std::string text = rejected + " of " + std::to_string(lines) + (lines == 1 ? " line" : " lines") +
                     (taken.rejected == 1 ? " was" : " were") + " rejected (" + faults_text(taken) +
                     "), ";
  if (taken.accepted == 0) {
    text += "nothing was written";
  } else {
    text += "the other " + accepted + (taken.accepted == 1 ? " counts" : " count") +
            " and must not be sent again";
  }
  if (dialect == Dialect::Own) return text;
  const std::string begin = taken.accepted == 0 ? "unable to parse: " : "partial write: ";
  return begin + text + "; dropped=" + rejected;
}

}  // namespace

Response fault_answer(int status, std::string_view sentence, std::string_view path) {
  const Dialect dialect = dialect_of(path);
  return dialect == Dialect::Own ? http::error_response(status, sentence, path)
                                 : in_dialect(dialect, status, sentence, "");
}

Response taken_answer(const Taken& taken, Dialect dialect) {
  if (taken.rejected > 0)
    return in_dialect(dialect, 400, sentence_of(taken, dialect), faults_json(taken));
  Response response;
  response.status = 204;
  return response;
}

Response json_answer(std::string_view body) {
  return json(200, std::string{body});
}

}  // namespace gateway::server
