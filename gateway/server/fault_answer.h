#pragma once
// What is answered on the paths of other people's APIs, in the form that their clients read; our
// own paths get http::error_response(). Pure; any thread.
//
//   Influx 1   {"error":"sentence"}, X-Influxdb-Error
//   Influx 2   {"code":"invalid","message":"sentence"}

#include <string_view>

#include "gateway/http/response.h"
#include "gateway/server/intake.h"
#include "gateway/server/write_wish.h"

namespace gateway::server {

/// One sentence for a person, in the form of the path.
http::Response fault_answer(int status, std::string_view sentence, std::string_view path);

/// 204, or 400 with the numbers of lines and the first faults: what was accepted stays so, and the
/// answer says it, for no client is to send that again.
http::Response taken_answer(const Taken& taken, Dialect dialect);

/// 200 with this body.
http::Response json_answer(std::string_view body);

}  // namespace gateway::server
