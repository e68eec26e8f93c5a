#include "gateway/cli/offenders.h"

#include <gtest/gtest.h>

#include <string>

namespace gateway::cli {
namespace {

using ingest::model::Kind;
using ingest::model::SeriesKey;
using ingest::series::Cap;
using ingest::series::Offence;
using ingest::series::Offenders;

std::string page(Offenders& offenders) {
  server::Metrics metrics{"test"};
  metrics.add([view = offenders.view()](server::Sheet& sheet) { write_offenders(sheet, view); });
  return metrics.text();
}

SeriesKey key(const std::string& name, const std::string& tags) {
  return SeriesKey::from_raw(Kind::Counter, {name, tags});
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++found;
  return found;
}

TEST(OffenderNumbers, NameTheMetricTheCapTheTagAndTheSender) {
  Offenders offenders;
  for (int i = 0; i < 3; ++i) {
    offenders.refused(Cap::ValuesPerTag, key("login", "user:" + std::to_string(i) + ",zone:eu"),
                      {.host = *ingest::parse_ip("192.0.2.66")});
  }
  offenders.limited(Offence::Rate, {.host = *ingest::parse_ip("2001:db8::")}, 7);
  const std::string text = page(offenders);
  EXPECT_NE(
      text.find("weir_ingest_offenders{name=\"login\",cap=\"values_per_tag\",tag=\"user\"} 3"),
      std::string::npos)
      << text;
  EXPECT_NE(text.find("weir_ingest_offender_sources{source=\"2001:db8::\",offence=\"rate\"} 7"),
            std::string::npos);
  EXPECT_NE(
      text.find("weir_ingest_offender_sources{source=\"192.0.2.66\",offence=\"new_series\"} 3"),
      std::string::npos);
}

TEST(OffenderNumbers, AreTenAndUglyNamesAreEscaped) {
  Offenders offenders;
  for (int i = 0; i < 50; ++i)
    offenders.refused(Cap::Names, key("many" + std::to_string(i), ""), {});
  for (int i = 0; i < 5; ++i)
    offenders.refused(Cap::Names, key("a\"b\\c\nd", ""), {});
  const std::string text = page(offenders);
  EXPECT_EQ(count(text, "weir_ingest_offenders{"), kOffendersShown);
  EXPECT_NE(text.find("name=\"a\\\"b\\\\c\\nd\""), std::string::npos) << text;
}

TEST(OffenderNumbers, AreNoneWhenNobodyOffends) {
  Offenders offenders;
  EXPECT_EQ(page(offenders).find("weir_ingest_offender"), std::string::npos);
}

}  // namespace
}  // namespace gateway::cli
