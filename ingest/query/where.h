#pragma once
// Where: matchers compiled, so that one can ask: do these tags satisfy all of them? Of series,
// which have a name and a kind besides (@metric, @kind), and of events and service checks.
// Immutable; any thread. Regular expressions run in linear time (RE2).

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/base/result.h"
#include "ingest/model/annotation.h"
#include "ingest/model/series_key.h"
#include "ingest/query/fault.h"
#include "ingest/query/query.h"

namespace re2 {
class RE2;
}

namespace ingest::query {

class Where {
 public:
  /// Every series satisfies it.
  Where() noexcept;
  /// `matchers` are canonical. Faults as parse_query gives them: only matchers that did not come
  /// from there can have any.
  static Result<Where, Fault> compile(const std::vector<Matcher>& matchers);
  Where(Where&&) noexcept;
  Where& operator=(Where&&) noexcept;
  Where(const Where&) = delete;
  Where& operator=(const Where&) = delete;
  ~Where();

  bool holds(const model::SeriesKey& series) const;
  /// By its tags. It has no name and no kind, so it satisfies no matcher of @metric or @kind,
  /// whatever that asks; nor one of a tag that may have been cut away.
  bool holds(const model::KeptAnnotation& annotation) const;
  /// What holds() may cost, as a number of simple comparisons.
  std::size_t steps() const { return 1 + regexes_; }

 private:
  struct Test;
  std::vector<Test> tests_;
  std::size_t regexes_ = 0;
};

/// What a series says to a matcher or a column of that name, tags and @metric and @kind alike;
/// empty for an absent tag.
std::string_view value_of(const model::SeriesKey& series, std::string_view name);

/// Why `pattern` is no regular expression we run; empty when it is one.
std::string regex_fault(std::string_view pattern);
constexpr std::size_t kRegexBytesMax = 256;

}  // namespace ingest::query
