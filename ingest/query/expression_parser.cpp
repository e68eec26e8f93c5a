#include "ingest/query/expression_parser.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "ingest/model/glob.h"
#include "ingest/model/sample.h"
#include "ingest/query/echo.h"

namespace ingest::query {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' || c == '.';
}

// "http." of "http.*" and of "http.re*": what all names that it matches begin with, in whole
// segments.
std::string_view prefix_of(std::string_view glob) {
  const std::string_view fixed = glob.substr(0, glob.find_first_of("*?"));
  const std::size_t dot = fixed.rfind('.');
  return dot == std::string_view::npos ? std::string_view{} : fixed.substr(0, dot + 1);
}

struct MetricAndStat {
  std::string_view metric;
  std::string_view stat;
};
// "http.latency.p99.9" -> http.latency, p99.9: a stat may have a dot of its own.
MetricAndStat split(std::string_view word) {
  const std::size_t last = word.rfind('.');
  if (last == std::string_view::npos || parse_stat(word)) return {{}, word};
  const std::size_t before = last == 0 ? last : word.rfind('.', last - 1);
  if (before != std::string_view::npos && before != last && parse_stat(word.substr(before + 1))) {
    return {word.substr(0, before), word.substr(before + 1)};
  }
  return {word.substr(0, last), word.substr(last + 1)};
}

}  // namespace

Result<Expression, std::string> Expression::parse(std::string_view text, std::string_view metric) {
  return ExpressionParser{text, metric}.parse();
}

Failure<std::string> ExpressionParser::fault(std::size_t at, const std::string& what) const {
  if (at >= text_.size()) return Failure{"at the end: " + what};
  return Failure{"at " + std::to_string(at + 1) + ": " + what};
}

Result<Expression, std::string> ExpressionParser::parse() {
  const auto too_long = [] {
    return Failure{"longer than " + std::to_string(Expression::kBytesMax) + " bytes"};
  };
  if (text_.size() > Expression::kBytesMax) return too_long();
  TRY(compared());
  skip_blanks();
  if (at_ < text_.size()) {
    return fault(at_, "unexpected " + echoed(text_.substr(at_)) + "; want an operator or the end");
  }
  if (made_.text().size() > Expression::kBytesMax) return too_long();
  return std::move(made_);
}

void ExpressionParser::skip_blanks() {
  while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n'))
    ++at_;
}

bool ExpressionParser::take(char c) {
  skip_blanks();
  if (at_ >= text_.size() || text_[at_] != c) return false;
  ++at_;
  return true;
}

std::optional<Expression::Op> ExpressionParser::take_operator(int binding) {
  skip_blanks();
  for (const auto& known : Expression::kOperators) {
    if (known.binding != binding || !text_.substr(at_).starts_with(known.text)) continue;
    at_ += known.text.size();
    return known.op;
  }
  return std::nullopt;
}

std::string_view ExpressionParser::take_word() {
  const auto rest = text_.substr(at_);
  std::size_t size = 0;
  while (size < rest.size() && is_word(rest[size]))
    ++size;
  const auto word = rest.substr(0, size);
  at_ += word.size();
  return word;
}

// The stack of eval() is as deep as it is found to be here.
ExpressionParser::Done ExpressionParser::emit(Op op, std::size_t operand, std::size_t pops) {
  stack_ = stack_ - pops + 1;
  if (stack_ > Expression::kDepthMax) return fault(at_, "too many values wait for their operator");
  made_.steps_.push_back({op, static_cast<std::uint16_t>(operand)});
  return {};
}

ExpressionParser::Done ExpressionParser::binary(int binding) {
  const auto operand = [&] {
    return binding == Expression::kMultiplies ? negated() : binary(binding + 1);
  };
  TRY(operand());
  while (const auto op = take_operator(binding)) {
    TRY(operand());
    TRY(emit(*op, 0, 2));
  }
  return {};
}

ExpressionParser::Done ExpressionParser::negated() {
  std::size_t signs = 0;
  while (take('-'))
    ++signs;
  TRY(primary());
  for (; signs > 0; --signs)
    TRY(emit(Op::Negate, 0, 1));
  return {};
}

ExpressionParser::Done ExpressionParser::primary() {
  skip_blanks();
  if (at_ >= text_.size()) return fault(at_, "want a number, a stat or a parenthesis");
  const char c = text_[at_];
  if (c == '(') return parentheses();
  if (c == '\'') return quoted();
  if (is_digit(c)) return number();
  if (is_word(c) && c != '.') return name();
  return fault(
      at_, "unexpected " + echoed(text_.substr(at_)) + "; want a number, a stat or a parenthesis");
}

ExpressionParser::Done ExpressionParser::parentheses() {
  const std::size_t at = at_++;
  if (++nesting_ > Expression::kDepthMax) {
    return fault(at, "nested deeper than " + std::to_string(Expression::kDepthMax));
  }
  TRY(compared());
  if (!take(')')) return fault(at_, "want ) for the ( at " + std::to_string(at + 1));
  --nesting_;
  return {};
}

ExpressionParser::Done ExpressionParser::number() {
  double value = 0;
  const char* const begin = text_.data() + at_;
  const auto read = std::from_chars(begin, text_.data() + text_.size(), value);
  if (read.ec != std::errc{} || !std::isfinite(value)) {
    return fault(at_, "a number out of range");
  }
  at_ += static_cast<std::size_t>(read.ptr - begin);
  if (at_ < text_.size() && is_word(text_[at_])) {
    return fault(at_, "unexpected " + echoed(text_.substr(at_)) + " behind a number");
  }
  made_.numbers_.push_back(value);
  return emit(Op::Number, made_.numbers_.size() - 1, 0);
}

ExpressionParser::Done ExpressionParser::name() {
  const std::size_t at = at_;
  const std::string_view word = take_word();
  if (take('(')) return function(word, at);
  const auto [metric, stat] = split(word);
  return term(metric, stat, at);
}

// 'it''s a name'.count
ExpressionParser::Done ExpressionParser::quoted() {
  const std::size_t at = at_++;
  std::string metric;
  for (bool open = true; open; ++at_) {
    if (at_ >= text_.size()) return fault(at, "this ' has no end");
    if (text_[at_] != '\'') {
      metric += text_[at_];
    } else if (text_.substr(at_).starts_with("''")) {
      metric += text_[at_++];
    } else {
      open = false;
    }
  }
  if (metric.empty()) return fault(at, "a metric's name is empty");
  if (at_ >= text_.size() || text_[at_] != '.') {
    return fault(at_, "want .stat behind the metric's name");
  }
  ++at_;
  return term(metric, take_word(), at);
}

ExpressionParser::Done ExpressionParser::function(std::string_view name, std::size_t at) {
  const auto* const known =
      std::ranges::find(Expression::kFunctions, name, &Expression::Function::name);
  if (known == Expression::kFunctions.end()) {
    return fault(at,
                 "unknown function " + echoed(name) + "; known are min, max, abs, if, coalesce");
  }
  if (++nesting_ > Expression::kDepthMax) {
    return fault(at, "nested deeper than " + std::to_string(Expression::kDepthMax));
  }
  std::size_t arguments = 0;
  do {
    TRY(compared());
    ++arguments;
  } while (take(','));
  if (!take(')')) return fault(at_, "want , or ) in the arguments of " + std::string{name});
  if (arguments < known->least || arguments > known->most) {
    return fault(at, std::string{name} + " wants " + std::to_string(known->least) +
                         (known->most > known->least ? " or more arguments" : " argument") +
                         (known->most == known->least && known->least > 1 ? "s" : ""));
  }
  --nesting_;
  return emit(known->op, arguments, arguments);
}

// What `name` means to a query of metric_: empty is the row itself.
Result<std::string, std::string> ExpressionParser::metric_of(std::string_view name,
                                                             std::size_t at) const {
  if (name.empty()) return std::string{};
  if (!model::is_glob(metric_)) {
    if (name == metric_) return std::string{};
    return fault(at, "the query is not about the metric " + echoed(name) +
                         "; only one whose metric is a glob can join several");
  }
  for (std::string full : {std::string{name}, std::string{prefix_of(metric_)}.append(name)}) {
    if (full.size() <= model::kNameBytesMax && model::glob_matches(metric_, full)) return full;
  }
  return fault(at, "the query's metric " + echoed(metric_) + " does not match " + echoed(name));
}

ExpressionParser::Done ExpressionParser::term(std::string_view metric, std::string_view stat,
                                              std::size_t at) {
  const auto known = parse_stat(stat);
  if (!known) {
    return fault(at, "unknown stat " + echoed(stat) +
                         "; a metric's name of other characters than letters, digits, _ and . "
                         "stands in '...'");
  }
  if (known->is_list()) return fault(at, "buckets is a list, no number");
  const Term wanted{TRY(metric_of(metric, at)), *known};
  auto found = std::ranges::find(made_.terms_, wanted);
  if (found == made_.terms_.end()) {
    if (made_.terms_.size() == Expression::kTermsMax) {
      return fault(at, "more than " + std::to_string(Expression::kTermsMax) + " different stats");
    }
    found = made_.terms_.insert(found, wanted);
  }
  return emit(Op::Value, static_cast<std::size_t>(found - made_.terms_.begin()), 0);
}

}  // namespace ingest::query
