#pragma once
// PackedPanes: some panes of one series, packed, for the timeline that gets them back. A value, on
// the thread that restores.

#include <cstddef>
#include <span>
#include <vector>

#include "ingest/model/packed_partial.h"
#include "ingest/timeline/series_panes.h"

namespace ingest::archive {

class PackedPanes {
 public:
  /// Ascending. False, and not taken, when it is of another kind than those before.
  bool add(timeline::PaneNumber pane, const model::Partial& partial) {
    if (!ends_.empty() && partial.kind() != kind_) return false;
    kind_ = partial.kind();
    model::pack(partial, bytes_);
    numbers_.push_back(pane);
    ends_.push_back(bytes_.size());
    return true;
  }
  /// The same of one that is packed already, and may be damaged: then it is not taken, either.
  bool add_packed(timeline::PaneNumber pane, std::span<const std::byte> packed) {
    auto rest = packed;
    const auto partial = model::unpack(rest);
    if (!partial || (!ends_.empty() && partial->kind() != kind_)) return false;
    kind_ = partial->kind();
    bytes_.insert(bytes_.end(), packed.begin(), packed.end() - std::ssize(rest));
    numbers_.push_back(pane);
    ends_.push_back(bytes_.size());
    return true;
  }
  bool empty() const { return ends_.empty(); }
  model::Kind kind() const { return kind_; }
  /// They view this, until it next changes.
  std::span<const timeline::PackedPane> all() {
    panes_.clear();
    std::size_t begin = 0;
    for (std::size_t i = 0; i < ends_.size(); begin = ends_[i++])
      panes_.push_back({numbers_[i], std::span{bytes_}.subspan(begin, ends_[i] - begin)});
    return panes_;
  }
  void clear() {
    bytes_.clear();
    numbers_.clear();
    ends_.clear();
  }

 private:
  model::Kind kind_ = model::Kind::Counter;
  std::vector<std::byte> bytes_;
  std::vector<timeline::PaneNumber> numbers_;
  std::vector<std::size_t> ends_;
  std::vector<timeline::PackedPane> panes_;
};

}  // namespace ingest::archive
