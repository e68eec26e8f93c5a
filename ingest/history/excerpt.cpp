#include "ingest/history/excerpt.h"

#include "ingest/base/byte_coding.h"
#include "ingest/model/packed_partial.h"

namespace ingest::history {

std::size_t Excerpt::add(const timeline::MemoryPanes& memory, const Needed& needed,
                         const std::function<bool(Millis)>& takes) {
  Series series;
  series.left = {needed.panes};
  std::size_t panes = 0;
  const auto stretches = timeline::memory_stretches(memory, takes, series.left);
  const timeline::BeforeStretches before = timeline::before(memory, stretches);
  series.before = before.gauge;
  series.life = timeline::newest_within(memory, needed.life);
  panes += before.panes + series.life.panes;
  const timeline::SeriesPanes held = memory.timeline.panes(memory.series);
  ByteWriter writer{bytes_};
  for (const timeline::Stretch& stretch : stretches) {
    Part part{stretch, bytes_.size(), 0};
    held.each_packed(stretch.level, stretch.first, stretch.last,
                     [&](timeline::PaneNumber pane, std::span<const std::byte> packed) {
                       writer.varint(static_cast<std::uint64_t>(pane - stretch.first));
                       writer.varint(packed.size());
                       writer.bytes(packed);
                       ++panes;
                     });
    part.end = bytes_.size();
    series.parts.push_back(part);
  }
  series_.push_back(std::move(series));
  return panes;
}

void Excerpt::clear() {
  series_.clear();
  bytes_.clear();
}

void Excerpt::each(const Part& part, const Visit& visit) const {
  ByteReader reader{std::span{bytes_}.subspan(part.begin, part.end - part.begin)};
  while (reader.left() > 0) {
    const auto behind = static_cast<timeline::PaneNumber>(reader.varint());
    visit(part.stretch.first + behind, reader.bytes(reader.count(model::kPackedBytesMax)));
  }
}

}  // namespace ingest::history
