#include "ingest/query/selector.h"

#include <re2/re2.h>

#include <algorithm>

#include "ingest/query/columns.h"

namespace ingest::query {
namespace {

constexpr std::int64_t kRegexMemoryMax = 1 << 20;

std::unique_ptr<re2::RE2> compile_regex(std::string_view pattern) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kRegexMemoryMax);
  return std::make_unique<re2::RE2>(re2::StringPiece{pattern.data(), pattern.size()}, options);
}

std::string_view value_of(const model::SeriesKey& series, std::string_view name) {
  if (name == kMetricColumn) return series.name();
  if (name == kKindColumn) return model::kind_name(series.kind());
  return series.tag(name);
}

void append_escaped(std::string_view text, std::string& out) {
  for (const char c : text) {
    if (c == ',' || c == '=' || c == '\\') out += '\\';
    out += c;
  }
}

Failure<Fault> bad_regex(std::size_t index, const std::string& why) {
  return Failure{Fault{Code::QueryBadMatcher, "where[" + std::to_string(index) + "]: " + why}};
}

// Values are canonical: sorted.
bool holds_value(const std::vector<std::string>& values, std::string_view value) {
  return std::ranges::binary_search(values, value, std::less<>{});
}

}  // namespace

Selector::Selector(Selector&&) noexcept = default;
Selector& Selector::operator=(Selector&&) noexcept = default;
Selector::~Selector() = default;

std::string regex_fault(std::string_view pattern) {
  if (pattern.size() > kRegexBytesMax) {
    return "regex longer than " + std::to_string(kRegexBytesMax) + " bytes";
  }
  const auto regex = compile_regex(pattern);
  return regex->ok() ? std::string{} : "regex does not compile: " + regex->error();
}

Result<Selector::Test, Fault> Selector::compile_test(const Matcher& matcher, std::size_t index) {
  Test test{matcher, nullptr};
  if (matcher.op != Op::Matches && matcher.op != Op::NotMatches) return test;
  if (matcher.values.empty()) return bad_regex(index, "regex missing");
  const std::string& pattern = matcher.values.front();
  if (std::string why = regex_fault(pattern); !why.empty()) return bad_regex(index, why);
  test.regex = compile_regex(pattern);
  return test;
}

Result<Selector, Fault> Selector::compile(const Query& query) {
  Selector selector;
  selector.metric_ = query.metric;
  if (query.is_glob()) selector.glob_.emplace(query.metric);
  selector.joined_ = joined_metrics(query);
  selector.by_ = query.by;
  selector.without_ = query.without;
  for (std::size_t i = 0; i < query.where.size(); ++i) {
    selector.tests_.push_back(TRY(compile_test(query.where[i], i)));
    if (selector.tests_.back().regex != nullptr) ++selector.regexes_;
  }
  return selector;
}

bool Selector::Test::holds(const model::SeriesKey& series) const {
  const std::string_view value = value_of(series, matcher.tag);
  switch (matcher.op) {
    case Op::Equal:
    case Op::In:
      return holds_value(matcher.values, value);
    case Op::NotEqual:
    case Op::NotIn:
      return !holds_value(matcher.values, value);
    case Op::Matches:
      return re2::RE2::FullMatch({value.data(), value.size()}, *regex);
    case Op::NotMatches:
      return !re2::RE2::FullMatch({value.data(), value.size()}, *regex);
    case Op::Exists:
      return matcher.tag.starts_with('@') || series.has_tag(matcher.tag);
  }
  return false;
}

bool Selector::is_named(std::string_view name) const {
  if (!joined_.empty()) return std::ranges::binary_search(joined_, name, std::less<>{});
  return glob_ ? glob_->matches(name) : name == metric_;
}

bool Selector::matches(const model::SeriesKey& series) const {
  return is_named(series.name()) &&
         std::ranges::all_of(tests_, [&](const Test& test) { return test.holds(series); });
}

std::vector<std::string> Selector::row_key(const model::SeriesKey& series) const {
  std::vector<std::string> key;
  key.reserve(by_.size());
  for (const std::string& name : by_) {
    if (name == kTagsColumn) {
      key.push_back(tags_text(series));
    } else {
      key.emplace_back(value_of(series, name));
    }
  }
  return key;
}

std::string Selector::tags_text(const model::SeriesKey& series) const {
  std::string text;
  for (const auto& [name, value] : series.tags()) {
    if (std::ranges::binary_search(without_, name, std::less<>{})) continue;
    if (!text.empty()) text += ',';
    append_escaped(name, text);
    text += '=';
    append_escaped(value, text);
  }
  return text;
}

std::size_t Selector::part(const model::SeriesKey& series) const {
  if (joined_.empty()) return 0;
  const auto found = std::ranges::lower_bound(joined_, series.name(), std::less<>{});
  return static_cast<std::size_t>(found - joined_.begin());
}

}  // namespace ingest::query
