// rooms: ingest/query
// Any text as an expression: no crash, and either a refusal or a program whose canonical text reads
// back to the same, and which gives a finite number or null for any values.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "ingest/base/bytes.h"
#include "ingest/base/check.h"
#include "ingest/query/expression.h"

namespace {

using ingest::query::Expression;

void check(std::string_view text, std::string_view metric) {
  const auto expression = Expression::parse(text, metric);
  if (!expression) {
    CHECK(!expression.error().empty());
    return;
  }
  const std::string canonical = expression->text();
  const auto again = Expression::parse(canonical, metric);
  CHECK(again && *again == *expression && again->text() == canonical);
  std::vector<double> values(expression->terms().size());
  for (const double each : {0.0, -1.5, 1e308, std::numeric_limits<double>::quiet_NaN()}) {
    std::fill(values.begin(), values.end(), each);
    if (!values.empty()) values.back() = 3;
    CHECK(!std::isinf(expression->eval(values)));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = ingest::as_text({data, size});
  check(text, "**");
  check(text, "http.*");
  check(text, "latency");
  return 0;
}
