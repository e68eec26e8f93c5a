#pragma once
// Filer: turns one closed segment into blocks: merges the deltas of each pane in the order they
// came, the panes into roll-ups, and appends both to the store. In steps short enough that the
// checkpoint goes on in between. Owned by the archive's thread.
//
//   read (a record a step) -> file (some hundred deltas a step) -> commit -> Done

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "ingest/archive/block_store.h"
#include "ingest/archive/checkpoint.h"

namespace ingest::archive {

class Filer {
 public:
  enum class Step : std::uint8_t { More, Done };
  struct Counts {
    std::uint64_t series = 0;
    std::uint64_t deltas = 0;
    std::uint64_t damaged = 0;  // deltas that could not be read
  };
  static constexpr std::size_t kDeltasAStep = 4'096;

  static Result<Filer> open(const SegmentName& name, const std::string& path, BlockStore& store);

  /// An error is the store's: the segment stays, and is filed from its beginning another time.
  Result<Step> step();
  const SegmentName& name() const { return name_; }
  const Counts& counts() const { return counts_; }

 private:
  static constexpr std::uint32_t kEnd = ~std::uint32_t{0};
  struct Delta {
    PaneNumber pane = 0;
    std::span<const std::byte> packed;
    std::uint32_t next = kEnd;
  };
  struct Series {
    model::SeriesKey key;
    std::uint32_t first = kEnd;
    std::uint32_t last = kEnd;
  };
  using Panes = std::map<PaneNumber, model::Partial>;

  Filer(const SegmentName& name, MappedFile file, BlockStore& store)
      : name_(name),
        levels_(name.pane),
        file_(std::move(file)),
        records_(file_.bytes()),
        store_(&store) {}
  bool read_some();
  void take(const Entry& entry);
  Result<std::size_t> file_series(const Series& series);
  Result<void> append(ArchiveId id, Rollup level, const Panes& panes);
  Panes roll_up(const Panes& panes, Rollup level) const;

  SegmentName name_;
  Levels levels_;
  MappedFile file_;
  SegmentReader records_;
  BlockStore* store_;
  Counts counts_;
  bool read_ = false;
  std::vector<Delta> deltas_;
  std::vector<Series> series_;
  std::map<std::string, std::uint32_t, std::less<>> by_place_;
  std::vector<std::uint32_t> number_to_series_;
  std::size_t next_ = 0;  // of series_, to be filed
};

}  // namespace ingest::archive
