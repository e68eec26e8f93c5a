#pragma once
// Discovery: what there is to ask for, for who sees a part of it and for who wants single series:
// as it is asked of the hub, which looks through its series. Data, and the hub as the publisher
// sees it; all calls are on the hub's thread, which works in slices, so an answer comes later. Who
// sees everything and asks for metrics or tags alone reads the catalogue of all (catalogue.h).

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "ingest/base/clock.h"
#include "ingest/model/series_key.h"
#include "ingest/query/bounds.h"
#include "ingest/query/catalogue.h"
#include "ingest/query/fault.h"
#include "ingest/query/query.h"

namespace ingest::query {

/// A catalogue of the series that satisfy `where`, which is canonical.
struct CatalogueAsk {
  /// A new one may be a second old; whoever estimates by it is served by one of some seconds.
  enum class Age : std::uint8_t { New, Recent };
  std::vector<Matcher> where{};
  Age age = Age::New;
};

/// Live series by name, kind and tags: those of the metric (a name or a glob; empty: of all) that
/// satisfy `where`, canonical.
struct SeriesAsk {
  std::string metric{};
  std::vector<Matcher> where{};
  std::string after{};  // SeriesPage::next of the page before; empty: from the first
  std::size_t limit = 0;
  Bounds bounds{};  // of who asks, which `where` has already: he waits among those who share them
};

/// What is wrong with a question about series, by its words; nothing where it can be asked.
std::optional<Fault> fault_of(const SeriesAsk& ask);

struct SeriesFound {
  model::SeriesKey key;
  WallTime last_seen;
};
struct SeriesPage {
  std::vector<SeriesFound> items;
  std::string next;  // empty: the last
};

constexpr std::size_t kSeriesListMax = 1'000;  // the largest SeriesAsk::limit
/// A page ends with the series whose key reaches it.
constexpr std::size_t kSeriesPageBytes = std::size_t{256} * 1024;

/// A place among all series in their order that survives the series' own end:
/// "timer@latency\0route\0/a", each NUL written as a backslash and a 0.
struct SeriesPlace {
  model::Kind kind = model::Kind::Counter;
  std::string bytes;  // as SeriesKey::bytes()

  std::string_view name() const;
  bool is_before(const model::SeriesKey& key) const;
};
std::string place_text(const model::SeriesKey& key);
std::optional<SeriesPlace> read_place(std::string_view text);

using DiscoveryAsk = std::variant<CatalogueAsk, SeriesAsk>;
/// ServerOverloaded; or what was asked for.
using Discovered = std::variant<Fault, std::shared_ptr<const Catalogue>, SeriesPage>;
using DiscoveredPtr = std::shared_ptr<const Discovered>;

class Discovery {
 public:
  using Id = std::uint64_t;
  using Done = std::function<void(const DiscoveredPtr&)>;
  Discovery() = default;
  Discovery(const Discovery&) = delete;
  Discovery& operator=(const Discovery&) = delete;
  virtual ~Discovery() = default;
  /// `done` is called once, after ask() has returned, unless drop() comes before.
  virtual Id ask(DiscoveryAsk ask, Done done) = 0;
  /// Nobody waits for it any more. Harmless for a question that was answered.
  virtual void drop(Id id) = 0;
};

}  // namespace ingest::query
