#pragma once
// TopRows: which rows stand within a stream's limit. A plain "first k" changes its mind with every
// small step of neighbours, and each change takes a row off a screen; so a row that is inside stays
// until it is clearly displaced. Which rows are inside is decided when the window moves; between,
// free places are filled, and rows that expire leave. Owned by its stream, on the hub's thread. It
// must not know what the values mean.
//
//   inside   the first `limit` rows at the beginning: by value, nulls last, then by key
//   a row outside that stands within the first `limit` takes the place of one inside that does not
//     - at once, when its value is better by more than kMargin of the other's, or the other is null
//     - else when the other has stood behind the first `limit` for kPatience moves in a row
//   the best outside is held against the worst inside, the next against the next

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "ingest/query/query.h"
#include "ingest/query/update.h"

namespace ingest::timeline {

class TopRows {
 public:
  static constexpr double kMargin = 0.1;
  static constexpr std::uint32_t kPatience = 5;

  using KeyOf = std::function<const std::vector<std::string>&(query::RowSlot)>;
  enum class Window : std::uint8_t { Same, Moved };

  TopRows(std::size_t limit, query::Order::Direction direction)
      : limit_(limit), direction_(direction) {}

  /// A row that may stand inside, with the value that it is ordered by; NaN is null.
  void set(query::RowSlot slot, double value);
  /// It expired.
  void erase(query::RowSlot slot);
  /// Decides anew; the rows that entered or left.
  const std::vector<query::RowSlot>& choose(Window window, const KeyOf& key_of);
  bool inside(query::RowSlot slot) const { return slot < places_.size() && places_[slot].inside; }

 private:
  struct Place {
    double value = 0;
    bool ranked = false;
    bool inside = false;
    std::uint32_t moves_behind = 0;  // in a row
  };
  bool is_clear(const Place& better, const Place& worse) const;
  void rank(const KeyOf& key_of);
  void fill();
  void displace();
  void enter(query::RowSlot slot);
  void leave(query::RowSlot slot);

  std::size_t limit_;
  query::Order::Direction direction_;
  std::vector<Place> places_;  // by slot
  std::size_t ranked_ = 0;
  std::size_t inside_ = 0;
  // Memory kept between decisions.
  std::vector<query::RowSlot> order_;  // the first `limit` of it are the best
  std::vector<query::RowSlot> behind_;
  std::vector<query::RowSlot> changed_;
};

}  // namespace ingest::timeline
