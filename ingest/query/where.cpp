#include "ingest/query/where.h"

#include <re2/re2.h>

#include <algorithm>
#include <utility>

namespace ingest::query {
namespace {

constexpr std::int64_t kRegexMemoryMax = 1 << 20;

std::unique_ptr<re2::RE2> compile_regex(std::string_view pattern) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kRegexMemoryMax);
  return std::make_unique<re2::RE2>(re2::StringPiece{pattern.data(), pattern.size()}, options);
}

Failure<Fault> bad_regex(std::size_t index, const std::string& why) {
  return Failure{Fault{Code::QueryBadMatcher, "where[" + std::to_string(index) + "]: " + why}};
}

bool is_column(const Matcher& matcher) {
  return matcher.tag.starts_with('@');
}

}  // namespace

struct Where::Test {
  Matcher matcher;
  std::unique_ptr<re2::RE2> regex;  // Matches and NotMatches only

  // Values are canonical: sorted.
  bool has(std::string_view value) const {
    return std::ranges::binary_search(matcher.values, value, std::less<>{});
  }
  bool fits(std::string_view value) const {
    return re2::RE2::FullMatch({value.data(), value.size()}, *regex);
  }
  bool holds(std::string_view value, bool exists) const;
};

bool Where::Test::holds(std::string_view value, bool exists) const {
  switch (matcher.op) {
    case Op::Equal:
    case Op::In:
      return has(value);
    case Op::NotEqual:
    case Op::NotIn:
      return !has(value);
    case Op::Matches:
      return fits(value);
    case Op::NotMatches:
      return !fits(value);
    case Op::Exists:
      return exists;
  }
  return false;
}

Where::Where() noexcept = default;
Where::Where(Where&&) noexcept = default;
Where& Where::operator=(Where&&) noexcept = default;
Where::~Where() = default;

Result<Where, Fault> Where::compile(const std::vector<Matcher>& matchers) {
  Where where;
  for (std::size_t i = 0; i < matchers.size(); ++i) {
    Test test{matchers[i], nullptr};
    if (test.matcher.op == Op::Matches || test.matcher.op == Op::NotMatches) {
      if (test.matcher.values.empty()) return bad_regex(i, "regex missing");
      const std::string& pattern = test.matcher.values.front();
      if (std::string why = regex_fault(pattern); !why.empty()) return bad_regex(i, why);
      test.regex = compile_regex(pattern);
      ++where.regexes_;
    }
    where.tests_.push_back(std::move(test));
  }
  return where;
}

bool Where::holds(const model::SeriesKey& series) const {
  return std::ranges::all_of(tests_, [&](const Test& test) {
    const Matcher& matcher = test.matcher;
    const bool exists =
        matcher.op == Op::Exists && (is_column(matcher) || series.has_tag(matcher.tag));
    return test.holds(value_of(series, matcher.tag), exists);
  });
}

bool Where::holds(const model::KeptAnnotation& annotation) const {
  return std::ranges::all_of(tests_, [&](const Test& test) {
    if (is_column(test.matcher)) return false;
    const auto found = std::ranges::find(annotation.tags, test.matcher.tag, &model::KeptTag::key);
    const bool exists = found != annotation.tags.end();
    if (!exists && annotation.cut) return false;
    return test.holds(exists ? std::string_view{found->value} : std::string_view{}, exists);
  });
}

std::string_view value_of(const model::SeriesKey& series, std::string_view name) {
  if (name == kMetricColumn) return series.name();
  if (name == kKindColumn) return model::kind_name(series.kind());
  return series.tag(name);
}

std::string regex_fault(std::string_view pattern) {
  if (pattern.size() > kRegexBytesMax) {
    return "regex longer than " + std::to_string(kRegexBytesMax) + " bytes";
  }
  const auto regex = compile_regex(pattern);
  return regex->ok() ? std::string{} : "regex does not compile: " + regex->error();
}

}  // namespace ingest::query
