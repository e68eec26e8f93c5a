#include "gateway/exposition/series_lines.h"

namespace gateway::exposition {

void SeriesLines::add(std::string_view end, double value) {
  begin(end);
  if (!labels_.empty()) out_.append("{").append(labels_).append("}");
  finish(value);
}

void SeriesLines::add(std::string_view end, std::string_view label, double bound, double value) {
  begin(end);
  out_.append("{").append(labels_).append(labels_.empty() ? "" : ",");
  out_.append(label).append("=\"");
  append_bound(out_, bound, format_);
  out_.append("\"}");
  finish(value);
}

void SeriesLines::finish(double value) {
  out_ += ' ';
  append_number(out_, value);
  out_ += '\n';
}

}  // namespace gateway::exposition
