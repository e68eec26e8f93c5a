#pragma once
// DataRows: a file of rows that somebody published (an array of JSON objects, or GeoJSON, whose
// rows are the `properties` of its features) as lines for a feed, in the order of the rows' own
// time. Each field is what all of its values are: the first one of times is the row's time, numbers
// are timers, text of few different values is a tag; the rest is left out. A row counts besides.
// It must not know when anything is sent. A value; the thread that reads it, then a worker's.
//
//   flights.json  {"date":"2001/01/01 01:24","delay":-5,"origin":"LAS"}
//   becomes       flights.delay timer -5 origin=LAS; flights.rows counter 1 origin=LAS

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/base/clock.h"
#include "ingest/base/result.h"

namespace gateway::tools {

class DataRows {
 public:
  /// All of it is in memory while its rows are put in order.
  static constexpr std::size_t kFileBytesMax = std::size_t{256} << 20U;
  static constexpr std::size_t kTagValuesMax = 500;  // different ones; of more it is no tag
  static constexpr std::size_t kTagsMax = 8;

  struct Row {
    ingest::Millis after{0};  // the first row
    std::string_view lines;   // JSON lines, with their ends
  };

  /// An Error is one sentence that names the file.
  static ingest::Result<DataRows> read(const std::string& path);
  /// `name` is what its metrics begin with.
  static ingest::Result<DataRows> of_text(std::string_view name, std::string_view text);

  std::size_t size() const { return rows_.size(); }  // never 0
  Row row(std::size_t i) const;
  /// From the first row to the last.
  ingest::Millis span() const { return rows_.back().after; }
  std::size_t left_out() const { return left_out_; }  // rows without a time

 private:
  struct Place {
    ingest::Millis after{0};
    std::size_t begin = 0;
    std::size_t end = 0;
  };
  std::vector<Place> rows_;
  std::string lines_;
  std::size_t left_out_ = 0;
};

/// "2001/01/14 21:55", "2001-01-14T21:55:09Z", "2001-01-14": as UTC. Nothing of anything else.
std::optional<ingest::Millis> read_date(std::string_view text);

}  // namespace gateway::tools
