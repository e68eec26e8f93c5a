#include "gateway/server/scrape.h"

#include <string>
#include <utility>
#include <variant>

#include "gateway/exposition/text.h"
#include "gateway/http/negotiate.h"
#include "gateway/server/answer.h"

namespace gateway::server {
namespace {

using exposition::Format;

Format text_format(publish::ScrapeAsk::Format format) {
  return format == publish::ScrapeAsk::Format::OpenMetrics ? Format::OpenMetrics : Format::Text;
}

http::Response page_head(Format format) {
  http::Response response;
  response.add("Content-Type", exposition::content_type(format));
  response.add("Cache-Control", "no-store");
  response.add("Vary", "Accept");
  return response;
}

http::Response own_page(const Site& site, Metrics::Audience asking, Format format) {
  http::Response response = page_head(format);
  response.body = site.metrics.page(asking, format).text + std::string{exposition::end_of(format)};
  return response;
}

http::Response busy() {
  http::Response response =
      http::error_response(503, "Too many pages of metrics are on their way", "/metrics");
  response.add("Retry-After", "1");
  return response;
}

}  // namespace

publish::ScrapeAsk::Format scrape_format(const http::Request& request) {
  const int open_metrics = http::weight_of(request, "application/openmetrics-text", "1.0.0");
  const int text = http::weight_of(request, "text/plain", "0.0.4");
  return open_metrics > 0 && open_metrics >= text ? publish::ScrapeAsk::Format::OpenMetrics
                                                  : publish::ScrapeAsk::Format::Text;
}

Reply answer_scrape(const http::Request& request, std::string_view /*rest*/,
                    const AnswerContext& context) {
  const Site& site = context.site;
  const publish::ScrapeAsk ask{.format = scrape_format(request)};
  const Format format = text_format(ask.format);
  const bool all =
      site.settings.metrics_open == Settings::MetricsOpen::All || sees_everything(request, context);
  const auto asking = all ? Metrics::Audience::Readers : Metrics::Audience::Everybody;
  if (!all || !site.settings.metrics_series) return own_page(site, asking, format);
  // A hub that does not answer is seen in Weir's own metrics: they come without it.
  const auto respond = [&site, asking, format](const publish::Answer& answer) -> Outcome {
    const auto* page = std::get_if<publish::ScrapePage>(&answer);
    if (page == nullptr) return own_page(site, asking, format);
    if (*page == nullptr) return busy();
    http::Response response = page_head(format);
    response.body = *page;
    return response;
  };
  return Question{.what = ask, .respond = respond, .claim = Question::Claim::Owed};
}

}  // namespace gateway::server
