#pragma once
// ExpressionParser: text -> Expression, by recursive descent, in one pass. Lives for one call of
// Expression::parse(). Part of the room's inside.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ingest/base/result.h"
#include "ingest/query/expression.h"

namespace ingest::query {

class ExpressionParser {
 public:
  ExpressionParser(std::string_view text, std::string_view metric) : text_(text), metric_(metric) {}
  Result<Expression, std::string> parse();

 private:
  using Op = Expression::Op;
  using Done = Result<void, std::string>;

  Done compared() { return binary(Expression::kCompares); }
  /// A chain of the operators that bind so tight.
  Done binary(int binding);
  Done negated();
  Done primary();
  Done parentheses();
  Done number();
  Done name();
  Done quoted();
  Done function(std::string_view name, std::size_t at);
  Done term(std::string_view metric, std::string_view stat, std::size_t at);
  Result<std::string, std::string> metric_of(std::string_view name, std::size_t at) const;

  Done emit(Op op, std::size_t operand, std::size_t pops);
  void skip_blanks();
  bool take(char c);
  std::optional<Op> take_operator(int binding);
  std::string_view take_word();
  Failure<std::string> fault(std::size_t at, const std::string& what) const;

  std::string_view text_;
  std::string_view metric_;
  std::size_t at_ = 0;
  std::size_t nesting_ = 0;
  std::size_t stack_ = 0;  // values on it when the steps so far are done
  Expression made_;
};

}  // namespace ingest::query
