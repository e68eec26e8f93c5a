#include "gateway/server/scrape.h"

#include <gtest/gtest.h>

#include "gateway/server/answer.h"
#include "tests/gateway/server/house.h"
#include "tests/gateway/server/http_answer.h"

namespace tests {
namespace {

using gateway::http::Request;
using Format = gateway::publish::ScrapeAsk::Format;
namespace publish = gateway::publish;

Format asked(std::string_view accept) {
  Request request;
  request.headers.push_back({"accept", std::string{accept}});
  return gateway::server::scrape_format(request);
}

TEST(Scrape, TheFormatIsTheOneThatIsNamed) {
  EXPECT_EQ(gateway::server::scrape_format(Request{}), Format::Text);
  for (const char* accept :
       {"application/openmetrics-text", "application/openmetrics-text; version=1.0.0",
        "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;"
        "q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
        "text/plain;q=0.5, Application/OpenMetrics-Text;q=0.5"})
    EXPECT_EQ(asked(accept), Format::OpenMetrics) << accept;
  for (const char* accept :
       {"", "*/*", "text/plain", "application/*", "application/openmetrics-text;version=2.0.0",
        "application/openmetrics-text;q=0", "application/openmetrics-text;q=0.4,text/plain;q=0.5",
        "application/openmetrics-text;q=much"})
    EXPECT_EQ(asked(accept), Format::Text) << accept;
}

gateway::server::Settings with_series() {
  gateway::server::Settings settings;
  settings.metrics_series = true;
  return settings;
}

struct ScrapedHouse : House {
  ScrapedHouse() : House(with_series()) {}
  void take_ask() {
    for (publish::ToHub& one : hub_mail())
      if (auto* ask = std::get_if<publish::Ask>(&one)) last = std::move(*ask);
  }
  void answer(publish::ScrapePage page) {
    hub->send(0, publish::Answered{last.who, last.ticket, std::move(page)});
    hub->flush();
    turn(3);
  }
  publish::Ask last;
};

constexpr std::string_view kScrape =
    "GET /metrics HTTP/1.1\r\nHost: localhost\r\nAccept: application/openmetrics-text\r\n\r\n";

TEST(Scrape, SeveralWhoAskGetTheSamePage) {
  ScrapedHouse house;
  std::string text;
  for (int i = 0; i < 100'000; ++i)
    text += "a_line 1\n";
  const auto page = std::make_shared<const std::string>(std::move(text));
  for (int i = 0; i < 2; ++i) {
    Visitor visitor(house);
    visitor.send(kScrape);
    house.take_ask();
    const auto& ask = std::get<publish::ScrapeAsk>(house.last.question);
    EXPECT_EQ(ask.format, Format::OpenMetrics);
    house.answer(page);
    const std::string answer = visitor.answer();
    EXPECT_EQ(status_of(answer), 200);
    EXPECT_EQ(header_of(answer, "Content-Type"),
              "application/openmetrics-text; version=1.0.0; charset=utf-8");
    EXPECT_EQ(header_of(answer, "Vary"), "Accept");
    EXPECT_TRUE(body_of(answer) == *page);
  }
  house.turn(3);
  EXPECT_LE(page.use_count(), 2);  // here, and in the mail at most: none was copied and kept
}

TEST(Scrape, WhereNoPageCanBeMadeItIsA503) {
  ScrapedHouse house;
  Visitor visitor(house);
  visitor.send(kScrape);
  house.take_ask();
  house.answer(nullptr);
  const std::string answer = visitor.answer();
  EXPECT_EQ(status_of(answer), 503);
  EXPECT_EQ(header_of(answer, "Retry-After"), "1");
}

TEST(Scrape, WeirsOwnMetricsComeThoughTheHubDoesNotAnswer) {
  ScrapedHouse house;
  Visitor visitor(house);
  visitor.send(kScrape);
  house.take_ask();
  house.pass(house.settings.deadlines.answer + 1s);
  const std::string answer = visitor.answer();
  EXPECT_EQ(status_of(answer), 200);
  EXPECT_NE(answer.find("\nweir_build_info{"), std::string::npos);
  EXPECT_TRUE(answer.ends_with("\n# EOF\n"));
}

}  // namespace
}  // namespace tests
