#pragma once
// Excerpt: panes of some series, copied out of the timeline, so that another thread can merge them.
// Packed one behind the other in one array. A value; made on the hub's thread, read on another.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "ingest/timeline/memory_stretches.h"

namespace ingest::history {

class Excerpt {
 public:
  struct Part {
    timeline::Stretch stretch;
    std::size_t begin = 0;  // of its bytes
    std::size_t end = 0;
  };
  struct Series {
    std::optional<timeline::RangeRow::Before> before;  // gauges only
    std::vector<Part> parts;
    std::vector<timeline::Gap> left;  // what memory does not have
    timeline::NewestPane life{};      // before all of them
  };
  struct Needed {
    timeline::Gap panes;
    timeline::Gap life;
  };

  /// Copies what memory has of `needed`; how many panes it looked at.
  std::size_t add(const timeline::MemoryPanes& memory, const Needed& needed,
                  const std::function<bool(Millis)>& takes);
  /// One that memory does not have.
  void add_absent(const Needed& needed) {
    series_.push_back({{}, {}, {needed.panes}, {{}, {needed.life}}});
  }

  const std::vector<Series>& series() const { return series_; }
  std::size_t bytes() const { return bytes_.size(); }
  void clear();

  /// Packed panes, ascending.
  using Visit = std::function<void(timeline::PaneNumber, std::span<const std::byte>)>;
  void each(const Part& part, const Visit& visit) const;

 private:
  std::vector<Series> series_;
  std::vector<std::byte> bytes_;
};

}  // namespace ingest::history
