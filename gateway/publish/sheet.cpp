#include "gateway/publish/sheet.h"

#include <cmath>

namespace gateway::publish {
namespace {

// How many numbers there are, then these; `at` comes to stand behind them.
void append_run(std::string& out, std::span<const double> lists, std::size_t& at) {
  const auto count = static_cast<std::size_t>(lists[at++]);
  out += '[';
  for (std::size_t i = 0; i < count; ++i) {
    const double number = lists[at++];
    const bool is_whole = number == std::trunc(number);
    out += number_text(number, is_whole ? Digits::Shortest : Digits::Six).view();
    out += ',';
  }
  out.back() = ']';
}

}  // namespace

std::string list_text(std::span<const double> lists, double at) {
  if (std::isnan(at)) return {};
  std::string out;
  auto next = static_cast<std::size_t>(at);
  append_run(out, lists, next);
  if (lists[next] == 0) return out;
  out.insert(out.begin(), '[');
  out += ',';
  append_run(out, lists, next);
  out += ']';
  return out;
}

Sheet::Sheet(const ingest::query::Query& query) {
  for (const ingest::query::Field& field : ingest::query::fields(query)) {
    if (field.stat && field.stat->name == ingest::query::Stat::Name::Buckets) {
      list_field_ = fields_;
    }
    ++fields_;
  }
}

void Sheet::resize(std::size_t rows) {
  texts_.resize(rows * fields_);
  if (list_field_ != Cells::kNoList) lists_.resize(rows);
  marks_.resize(rows);
}

bool Sheet::set(RowIndex row, std::size_t field, const NumberText& text) {
  NumberText& here = texts_[std::size_t{row} * fields_ + field];
  if (here == text) return false;
  here = text;
  return true;
}

bool Sheet::set_list(RowIndex row, std::string&& text) {
  ListText& here = lists_[row];
  if (text == (here ? std::string_view{*here} : std::string_view{})) return false;
  here = text.empty() ? nullptr : std::make_shared<const std::string>(std::move(text));
  return true;
}

bool Sheet::mark(RowIndex row, ingest::query::Marks marks) {
  if (marks_[row] == marks) return false;
  marks_[row] = marks;
  return true;
}

bool Sheet::take(const Sheet& from, RowIndex row) {
  bool changed = mark(row, from.marks_[row]);
  for (std::size_t field = 0; field < fields_; ++field)
    changed |= set(row, field, from.cells().at(row, field));
  if (list_field_ == Cells::kNoList) return changed;
  const ListText& theirs = from.lists_[row];
  ListText& ours = lists_[row];
  const bool same = ours == theirs || (ours && theirs && *ours == *theirs);
  ours = theirs;
  return changed || !same;
}

void Sheet::move_rows(std::span<const RowIndex> moved, std::size_t live) {
  publish::move_rows(texts_, moved, fields_, live);
  publish::move_rows(marks_, moved, 1, live);
  if (list_field_ != Cells::kNoList) publish::move_rows(lists_, moved, 1, live);
}

std::size_t Sheet::bytes() const {
  std::size_t bytes = texts_.capacity() * sizeof(NumberText) +
                      lists_.capacity() * sizeof(ListText) + marks_.capacity();
  for (const ListText& list : lists_) {
    if (list) bytes += sizeof(std::string) + list->capacity();
  }
  return bytes;
}

}  // namespace gateway::publish
