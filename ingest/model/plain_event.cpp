#include "ingest/model/plain_event.h"

#include <string>

#include "ingest/model/text_start.h"

namespace ingest::model {
namespace {

std::string cut_text(std::string_view text, std::size_t bytes_max, bool& cut) {
  const std::string_view start = start_of(text, bytes_max);
  cut = cut || start.size() < text.size();
  return std::string{start};
}

std::vector<KeptTag> cut_tags(const std::vector<TagView>& tags, bool& cut) {
  const SeriesKey key{Kind::Counter, {}, tags};  // sorted, the last of duplicates
  std::vector<KeptTag> kept;
  std::size_t bytes = 0;
  for (const TagView& tag : key.tags()) {
    bytes += tag.key.size() + tag.value.size();
    if (bytes > kTagsBytesMax) {
      cut = true;
      break;
    }
    kept.push_back({std::string{tag.key}, std::string{tag.value}});
  }
  return kept;
}

}  // namespace

KeptAnnotation keep(const PlainEvent& event) {
  KeptAnnotation kept;
  kept.level = event.level;
  kept.time = event.time;
  kept.title = cut_text(event.title, kTitleBytesMax, kept.cut);
  kept.text = cut_text(event.text, kTextBytesMax, kept.cut);
  kept.host = cut_text(event.host, kLabelBytesMax, kept.cut);
  kept.tags = cut_tags(event.tags, kept.cut);
  return kept;
}

}  // namespace ingest::model
