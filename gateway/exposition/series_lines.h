#pragma once
// SeriesLines: the sample lines of one series, one after another, in one format. Pure; lives while
// the series is printed.
//
//   name end {labels,label="bound"} value
//   request_seconds_bucket{host="a",le="0.5"} 812

#include <string>
#include <string_view>

#include "gateway/exposition/text.h"

namespace gateway::exposition {

class SeriesLines {
 public:
  /// All three outlive it. `labels` are as they stand between the braces, and may be empty.
  SeriesLines(std::string& out, std::string_view name, std::string_view labels, Format format)
      : out_(out), name_(name), labels_(labels), format_(format) {}

  void add(std::string_view end, double value);
  /// With one label more, which is a bound or a quantile.
  void add(std::string_view end, std::string_view label, double bound, double value);

 private:
  void begin(std::string_view end) { out_.append(name_).append(end); }
  void finish(double value);

  std::string& out_;
  std::string_view name_;
  std::string_view labels_;
  Format format_;
};

}  // namespace gateway::exposition
