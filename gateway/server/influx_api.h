#pragma once
// InfluxApi: what clients of InfluxDB ask besides writing: is it there, and may there be a
// database. Weir has no databases: `db`, `rp`, `org` and `bucket` of a write mean nothing here.

#include <string_view>

#include "gateway/http/request.h"
#include "gateway/http/response.h"
#include "gateway/server/answer.h"

namespace gateway::server {

/// A form of /query with one statement.
constexpr std::size_t kQueryBodyMax = std::size_t{64} * 1024;

/// GET and HEAD /ping: 204 with X-Influxdb-Version, whose first part is the version of the API that
/// is spoken (1.8 has /api/v2/write too); with `?verbose=` 200 and a body.
http::Response answer_ping(const http::Request& request, std::string_view rest,
                           const AnswerContext& context);

/// GET and POST /query, `q` in the query or in a form: CREATE DATABASE is done before it is asked
/// for, SHOW DATABASES names one, every other statement gets 400 and a sentence.
http::Response answer_query(const http::Request& request, std::string_view rest,
                            const AnswerContext& context);

/// GET /health of Influx 2.
http::Response answer_health(const http::Request& request, std::string_view rest,
                             const AnswerContext& context);

}  // namespace gateway::server
