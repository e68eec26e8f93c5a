#pragma once
// Book: which family and labels each series has, found once and kept while it is scraped, so that a
// page costs no mapping. Two metrics that would take one name, and two series that would take one
// name and the same labels, are told apart here. Pure; one thread's.
//
//   take(table, mapping)   then print() in as many formats as wanted
//
// A family's type is what its series are told as. Another metric of that name and another type gets
// a name of its own: foo_events, foo_value, foo_timer, foo_members, then with a number. Of two
// series of the same family and labels the later gets the label weir_metric, its own name, and
// where that does not help weir_series.

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/exposition/mapping.h"
#include "gateway/exposition/series_lines.h"
#include "gateway/exposition/text.h"
#include "ingest/query/exposition.h"

namespace gateway::exposition {

class Book {
 public:
  /// Totals since the start, but for what says `now`.
  struct Counts {
    std::uint64_t series = 0;         // told on the last page
    std::uint64_t families = 0;       // now
    std::uint64_t silent = 0;         // left out of the last page: nothing came for their ttl
    std::uint64_t dropped = 0;        // left out of the last page: a rule's word
    std::uint64_t above_limit = 0;    // left out of the last page: more than series_max
    std::uint64_t name_clashes = 0;   // families that got another name
    std::uint64_t label_clashes = 0;  // series that got a label
  };
  explicit Book(std::size_t series_max) : series_max_(series_max) {}

  /// Names that are Weir's own; a series that has one already gets another.
  void reserve(const std::set<std::string, std::less<>>& names);
  /// Reads a table, which lives until the next take(). Another mapping begins the book anew.
  void take(ingest::query::ExpositionTablePtr table, const MappingPtr& mapping);
  /// Appends every family of the table, its series beside each other. Without the end that
  /// OpenMetrics wants.
  void print(Format format, std::string& out) const;

  const Counts& counts() const { return counts_; }
  /// The last clash since it was asked for, for the log: "the timer a.b is a_b_timer".
  std::optional<std::string> take_clash() { return std::exchange(clash_, std::nullopt); }

 private:
  enum class Type : std::uint8_t { Counter, Gauge, Summary, Histogram };
  struct Row {
    const ingest::query::ExpositionPart* part = nullptr;
    const ingest::query::ExpositionRow* row = nullptr;

    const double* numbers() const { return part->numbers.data() + row->numbers_first; }
  };
  struct Family {
    std::string name;       // as OpenMetrics calls it
    std::string text_name;  // as the text format does: of a counter its samples' name
    std::string help;
    Type type = Type::Gauge;
    absl::flat_hash_set<std::uint64_t> labels;  // of its series, hashed
    std::vector<Row> rows;                      // of this table
  };
  struct Entry {
    bool known = false;
    bool dropped = false;  // a rule's word
    bool seen = false;     // in this table
    std::uint32_t generation = 0;
    Type type = Type::Gauge;
    Family* family = nullptr;
    std::uint64_t labels_hash = 0;
    double scale = 1;
    ingest::Millis ttl{0};
    std::string labels;  // a="b",c="d"
  };
  static Type type_of(const ingest::query::ExpositionRow& row);
  static std::vector<std::string> names_of(const Family& family);
  void take_row(const ingest::query::ExpositionPart& part, const ingest::query::ExpositionRow& row);
  void enter(Entry& entry, const SeriesView& series, const ingest::query::ExpositionRow& row);
  static Family wanted(const Mapped& mapped, Type type, const std::string& name);
  Family& family_for(const Mapped& mapped, Type type, ingest::model::Kind kind);
  bool is_free(const Family& family) const;
  void leave(Entry& entry);
  void note(std::string clash) { clash_ = std::move(clash); }
  void print_family(const Family& family, Format format, std::string& out) const;
  void print_row(const Family& family, const Row& of, Format format, std::string& out) const;
  static void print_quantiles(const Row& of, double scale, SeriesLines& lines);
  static void print_buckets(const Row& of, SeriesLines& lines);

  std::size_t series_max_;
  MappingPtr mapping_;
  ingest::query::ExpositionTablePtr table_;
  std::vector<Entry> entries_;                             // by the series' index
  std::map<std::string, Family, std::less<>> families_;    // by name
  absl::flat_hash_map<std::string, const Family*> names_;  // of samples and families, and whose
  std::set<std::string, std::less<>> reserved_;
  Counts counts_;
  std::optional<std::string> clash_;
};

}  // namespace gateway::exposition
