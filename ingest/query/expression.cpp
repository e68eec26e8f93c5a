#include "ingest/query/expression.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "ingest/base/check.h"

namespace ingest::query {
namespace {

constexpr double kNull = std::numeric_limits<double>::quiet_NaN();

bool is_bare(std::string_view metric) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.';
  };
  const bool digit_first = metric.front() >= '0' && metric.front() <= '9';
  return !digit_first && metric.front() != '.' && std::ranges::all_of(metric, plain);
}

std::string term_text(const Term& term) {
  std::string stat = stat_name(term.stat);
  if (term.metric.empty()) return stat;
  if (is_bare(term.metric)) return term.metric + '.' + stat;
  std::string text = "'";
  for (const char c : term.metric) {
    if (c == '\'') text += c;
    text += c;
  }
  return text + "'." + stat;
}

std::string number_text(double number) {
  constexpr std::size_t kSizeMax = 32;
  std::array<char, kSizeMax> text{};
  const auto written = std::to_chars(text.data(), text.data() + text.size(), number);
  return {text.data(), written.ptr};
}

struct Piece {
  std::string text;
  int binding;
};
std::string bound(const Piece& piece, int least) {
  return piece.binding < least ? '(' + piece.text + ')' : piece.text;
}

// min(a,b,c) of the last three.
std::string called(std::string_view function, std::vector<Piece>& stack, std::size_t arguments) {
  CHECK(stack.size() >= arguments);
  std::string text{function};
  const auto first = stack.end() - static_cast<std::ptrdiff_t>(arguments);
  for (auto argument = first; argument != stack.end(); ++argument)
    text.append(1, argument == first ? '(' : ',').append(argument->text);
  stack.erase(first, stack.end());
  return text + ')';
}

Piece pop(std::vector<Piece>& stack) {
  CHECK(!stack.empty());
  Piece top = std::move(stack.back());
  stack.pop_back();
  return top;
}

}  // namespace

double Expression::combine(Op op, double left, double right) {
  if (std::isnan(left) || std::isnan(right)) return kNull;
  switch (op) {
    case Op::Add:
      return left + right;
    case Op::Subtract:
      return left - right;
    case Op::Multiply:
      return left * right;
    case Op::Divide:
      return right == 0 ? kNull : left / right;
    case Op::Less:
      return left < right ? 1 : 0;
    case Op::LessEqual:
      return left <= right ? 1 : 0;
    case Op::Greater:
      return left > right ? 1 : 0;
    case Op::GreaterEqual:
      return left >= right ? 1 : 0;
    case Op::Equal:
      return left == right ? 1 : 0;
    case Op::NotEqual:
      return left != right ? 1 : 0;
    case Op::Number:
    case Op::Value:
    case Op::Negate:
    case Op::Min:
    case Op::Max:
    case Op::Abs:
    case Op::If:
    case Op::Coalesce:
      break;
  }
  return kNull;
}

double Expression::call(Op op, std::span<const double> arguments) {
  const auto is_null = [](double value) { return std::isnan(value); };
  if (op == Op::If) {
    if (is_null(arguments[0])) return kNull;
    return arguments[0] != 0 ? arguments[1] : arguments[2];
  }
  if (op == Op::Coalesce) {
    const auto found = std::ranges::find_if_not(arguments, is_null);
    return found == arguments.end() ? kNull : *found;
  }
  if (std::ranges::any_of(arguments, is_null)) return kNull;
  if (op == Op::Min) return std::ranges::min(arguments);
  if (op == Op::Max) return std::ranges::max(arguments);
  return std::fabs(arguments[0]);
}

double Expression::eval(std::span<const double> values) const {
  CHECK(values.size() == terms_.size());
  std::array<double, kDepthMax> stack{};
  std::size_t size = 0;
  for (const Step& step : steps_) {
    double result = kNull;
    if (step.op == Op::Number) {
      result = numbers_[step.operand];
    } else if (step.op == Op::Value) {
      result = values[step.operand];
    } else if (step.op == Op::Negate) {
      result = -stack[--size];
    } else if (step.op < Op::Min) {
      size -= 2;
      result = combine(step.op, stack[size], stack[size + 1]);
    } else {
      size -= step.operand;
      result = call(step.op, std::span{stack}.subspan(size, step.operand));
    }
    stack[size++] = std::isfinite(result) ? result : kNull;
  }
  DCHECK(size == 1);
  return stack[0];
}

std::string Expression::text() const {
  std::vector<Piece> stack;
  for (const Step& step : steps_) {
    if (step.op == Op::Number) {
      stack.push_back({number_text(numbers_[step.operand]), kStandsAlone});
    } else if (step.op == Op::Value) {
      stack.push_back({term_text(terms_[step.operand]), kStandsAlone});
    } else if (step.op == Op::Negate) {
      stack.push_back({'-' + bound(pop(stack), kNegates), kNegates});
    } else if (step.op < Op::Min) {
      const auto& sign = *std::ranges::find(kOperators, step.op, &Operator::op);
      const Piece right = pop(stack);
      const Piece left = pop(stack);
      // To the left as tight as itself, to the right tighter: a-(b-c) keeps its parentheses.
      stack.push_back(
          {bound(left, sign.binding).append(sign.text).append(bound(right, sign.binding + 1)),
           sign.binding});
    } else {
      const auto& function = *std::ranges::find(kFunctions, step.op, &Function::op);
      stack.push_back({called(function.name, stack, step.operand), kStandsAlone});
    }
  }
  return stack.empty() ? std::string{} : pop(stack).text;
}

}  // namespace ingest::query
