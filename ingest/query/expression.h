#pragma once
// Expression: what a derived field computes, parsed once to a small program over stats. Pure; an
// immutable value. It must not know rows, windows or where its stats come from.
//
//   errors.count / requests.count          a metric's stat (of a query whose metric is a glob)
//   if(count > 10, p99 - p50, 0) * 1e3     a stat of the row itself
//   'http-5xx'.count / coalesce(count, 1)  a name of other characters stands in quotes
//
//   compared = sum { ("<" | "<=" | ">" | ">=" | "==" | "!=") sum }            1 or 0
//   sum      = product { ("+" | "-") product }
//   product  = signed { ("*" | "/") signed }
//   signed   = { "-" } primary
//   primary  = number | term | function "(" compared { "," compared } ")" | "(" compared ")"
//   term     = [ metric "." ] stat
//   function = "min" | "max" (1 or more) | "abs" (1) | "if" (3) | "coalesce" (1 or more)
//
// Null (NaN) in, null out, but for coalesce, which gives the first of its arguments that is not
// null, and for the side of an `if` that is not taken. A division by zero and whatever is not
// finite are null.

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/base/result.h"
#include "ingest/query/stat.h"

namespace ingest::query {

/// What an expression reads.
struct Term {
  std::string metric;  // empty: of the row itself
  Stat stat;
  // NOLINTNEXTLINE(modernize-use-nullptr): the check mistakes the zero inside <=> for a pointer
  auto operator<=>(const Term&) const = default;
};

class Expression {
 public:
  static constexpr std::size_t kBytesMax = 1'024;  // as typed, and as text() writes it
  static constexpr std::size_t kTermsMax = 16;     // different ones
  static constexpr std::size_t kDepthMax = 32;     // of nesting, and of the stack of values

  /// `metric` is the query's: a name that it does not match is looked for behind its own prefix
  /// ("errors" is http.errors where `metric` is "http.*"), and the name of a query of one metric is
  /// the row itself. The error is a sentence with the place: "at 8: unknown stat \"cuont\"".
  static Result<Expression, std::string> parse(std::string_view text, std::string_view metric);

  /// Each once, in the order in which they first stand there.
  std::span<const Term> terms() const { return terms_; }
  /// One value for each of terms(), NaN for null. No allocation.
  double eval(std::span<const double> values) const;
  /// The canonical text: parse() of it gives this expression.
  std::string text() const;

  bool operator==(const Expression&) const = default;

 private:
  friend class ExpressionParser;
  enum class Op : std::uint8_t {
    Number,  // pushes numbers_[operand]
    Value,   // pushes the value of terms_[operand]
    Negate,
    Add,
    Subtract,
    Multiply,
    Divide,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Equal,
    NotEqual,
    Min,  // these pop `operand` values and push one
    Max,
    Abs,
    If,
    Coalesce,
  };
  struct Step {
    Op op = Op::Number;
    std::uint16_t operand = 0;
    bool operator==(const Step&) const = default;
  };
  struct Function {
    std::string_view name;
    Op op;
    std::uint16_t least;
    std::uint16_t most;
  };
  static constexpr std::uint16_t kArgumentsMax = kDepthMax;
  static constexpr std::array<Function, 5> kFunctions{
      {{"min", Op::Min, 1, kArgumentsMax},
       {"max", Op::Max, 1, kArgumentsMax},
       {"abs", Op::Abs, 1, 1},
       {"if", Op::If, 3, 3},
       {"coalesce", Op::Coalesce, 1, kArgumentsMax}}};
  struct Operator {
    std::string_view text;
    Op op;
    int binding;  // the tighter the higher
  };
  static constexpr int kCompares = 1;
  static constexpr int kAdds = 2;
  static constexpr int kMultiplies = 3;
  static constexpr int kNegates = 4;
  static constexpr int kStandsAlone = 5;
  /// The longer of two that begin alike comes first.
  static constexpr std::array<Operator, 10> kOperators{{{"<=", Op::LessEqual, kCompares},
                                                        {"<", Op::Less, kCompares},
                                                        {">=", Op::GreaterEqual, kCompares},
                                                        {">", Op::Greater, kCompares},
                                                        {"==", Op::Equal, kCompares},
                                                        {"!=", Op::NotEqual, kCompares},
                                                        {"+", Op::Add, kAdds},
                                                        {"-", Op::Subtract, kAdds},
                                                        {"*", Op::Multiply, kMultiplies},
                                                        {"/", Op::Divide, kMultiplies}}};

  static double combine(Op op, double left, double right);
  static double call(Op op, std::span<const double> arguments);

  std::vector<Step> steps_;  // in postfix order
  std::vector<double> numbers_;
  std::vector<Term> terms_;
};

}  // namespace ingest::query
