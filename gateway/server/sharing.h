#pragma once
// Sharing: which pages of other origins may read what the API answers: those of http.origins, as
// over a WebSocket (Fetch standard, CORS protocol). A page of the same origin needs nothing. Any
// worker's thread.

#include "gateway/http/request.h"
#include "gateway/http/response.h"
#include "gateway/server/site.h"
#include "gateway/server/work.h"

namespace gateway::server {

/// With the headers that let the page that asked read it, now or when it comes. Paths of /api/ and
/// event streams alone. A preflight hears which methods and headers may follow.
Reply shared(Reply reply, const http::Request& request, const Site& site);
http::Response shared(http::Response response, const http::Request& request, const Site& site);

}  // namespace gateway::server
