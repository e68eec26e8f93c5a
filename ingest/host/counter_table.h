#pragma once
// CounterTable: counters since the start of things that come and go (cores, disks, interfaces), and
// what each grew by between two readings. A counter that went back (it wrapped, or the device was
// replaced) gives no growth and no spike. At most rows_max things have rows of their own; the rest
// fold into one, tagged weir_overflow:true, and are counted. Pure; owned by one reader.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/host/report.h"

namespace ingest::host {

/// One counter of each thing.
struct Column {
  std::string_view metric;
  std::string_view tag{};  // "direction:read"; empty: none
  double scale = 1;        // from the kernel's unit to ours
};

class CounterTable {
 public:
  /// What it means that a counter is smaller than before.
  enum class Back {
    Restarted,  // the thing began again: none of its counters has a growth yet
    Held,       // the kernel's own wavering (iowait): this counter did not grow
  };
  struct Options {
    std::string_view label{};  // of the tag that names a thing; empty: one thing without a name
    std::span<const Column> columns;
    std::size_t rows_max = 1;
    Back back = Back::Restarted;
  };
  explicit CounterTable(const Options& options);

  /// Counters of one thing in the order of the columns, kUnsaid where there is none. A name that
  /// cannot stand in a tag is passed over.
  void see(std::string_view name, std::span<const std::uint64_t> counters);
  /// After all were seen; who was not is forgotten. Says what grew since the last report, flushes.
  void report(Report& report);
  /// Things without a row of their own, at the last report.
  std::size_t folded() const { return folded_; }

 private:
  struct Thing {
    std::string name;
    std::vector<std::uint64_t> before;
    std::vector<std::uint64_t> now;
    std::vector<std::string> tags;  // of each column; empty without a row
    bool seen = true;
    bool known = false;  // `before` holds something
    bool said = false;   // each of its rows was said once
  };

  Thing& find_or_add(std::string_view name);
  void settle();
  std::vector<std::string> tags_of(std::string_view label, std::string_view name) const;
  bool restarted(const Thing& thing) const;
  void say(Thing& thing, Report& report) const;
  void say_folded(std::span<const double> growth, Report& report) const;

  Options options_;
  std::vector<Thing> things_;
  std::size_t next_ = 0;  // where the next name is expected: the kernel keeps its order
  std::size_t rows_ = 0;
  std::size_t folded_ = 0;
  std::vector<std::string> folded_tags_;
};

}  // namespace ingest::host
