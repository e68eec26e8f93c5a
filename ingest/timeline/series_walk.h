#pragma once
// SeriesWalk: the live series that satisfy some matchers, name by name, in steps, so that no turn
// is long. Between two steps the timeline may change: what was born meanwhile may be missed, what
// was there all the time is met once. Pure; the hub's.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/model/glob.h"
#include "ingest/query/where.h"
#include "ingest/timeline/timeline.h"

namespace ingest::timeline {

class SeriesWalk {
 public:
  struct Wanted {
    query::Where where{};
    std::string metric{};  // a name or a glob; empty: all
    std::string from{};    // the first name
  };
  SeriesWalk(const Timeline& timeline, Wanted wanted);

  enum class Step : std::uint8_t {
    Passed,    // nothing to be seen
    Series,    // series() is one that is wanted
    NameEnds,  // that was all of name()
    End,
  };
  Step step();
  const Timeline::Series& series() const { return *series_; }
  const std::string& name() const { return name_; }
  /// What a step costs, as Where::steps().
  std::size_t cost() const { return wanted_.where.steps(); }

 private:
  Step enter_next_name();

  const Timeline& timeline_;
  Wanted wanted_;
  std::optional<model::Glob> glob_;
  std::string prefix_;  // what all wanted names begin with
  std::string name_;
  bool began_ = false;   // name_ is one that was entered
  bool inside_ = false;  // and it is not at its end
  std::vector<SeriesIndex> candidates_;
  std::size_t next_ = 0;
  const Timeline::Series* series_ = nullptr;
};

}  // namespace ingest::timeline
