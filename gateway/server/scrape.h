#pragma once
// scrape: GET /metrics. Who sees everything gets every series besides Weir's own metrics, from a
// page that is made elsewhere (publish/scrapes.h); anybody else Weir's own, at once. Any worker's
// thread.

#include <string_view>

#include "gateway/http/request.h"
#include "gateway/publish/scrapes.h"
#include "gateway/server/work.h"

namespace gateway::server {

struct AnswerContext;

Reply answer_scrape(const http::Request& request, std::string_view rest,
                    const AnswerContext& context);

/// By Accept (RFC 9110 section 12.5.1): OpenMetrics where it is named, in version 1.0.0 or none,
/// and no less wanted than the text format.
publish::ScrapeAsk::Format scrape_format(const http::Request& request);

}  // namespace gateway::server
