#pragma once
// Framing: a page that shows ours within itself, and may not. The browser would draw nothing but
// its own complaint; we say why, and what to do. Knows only what the request tells. Any worker's
// thread.

#include <optional>

#include "gateway/http/request.h"
#include "gateway/http/response.h"
#include "gateway/server/site.h"

namespace gateway::server {

/// Where a page of an origin that is neither ours nor in http.origins wants to frame us: 403 with a
/// sentence that every page may frame. Nothing where the browser does not tell who asks: then the
/// policy of our own page decides (frame-ancestors).
std::optional<http::Response> refuse_framing(const http::Request& request, const Site& site);

}  // namespace gateway::server
