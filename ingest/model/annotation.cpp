#include "ingest/model/annotation.h"

#include "ingest/model/sample.h"
#include "ingest/model/series_key.h"
#include "ingest/model/text_start.h"

namespace ingest::model {
namespace {

std::string keep_text(std::string_view text, std::size_t bytes_max, bool& cut) {
  const std::string_view start = start_of(text, bytes_max);
  cut = cut || start.size() < text.size();
  return std::string{start};
}

/// Datagrams end lines with a newline, so that one inside a text is written as `\n`.
std::string with_line_ends(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool escape = text[at] == '\\' && at + 1 < text.size() && text[at + 1] == 'n';
    out.push_back(escape ? '\n' : text[at]);
    if (escape) ++at;
  }
  return out;
}

std::vector<KeptTag> keep_tags(std::string_view raw, bool& cut) {
  const SeriesKey key = SeriesKey::from_raw(Kind::Counter, {.name = {}, .tags = raw});
  std::vector<KeptTag> kept;
  std::size_t bytes = 0;
  for (const TagView& tag : key.tags()) {
    bytes += tag.key.size() + tag.value.size();
    if (bytes > kTagsBytesMax || kept.size() == kTagsMax) {
      cut = true;
      break;
    }
    kept.push_back({std::string{tag.key}, std::string{tag.value}});
  }
  return kept;
}

}  // namespace

KeptAnnotation keep(const Annotation& annotation, WallTime arrival) {
  KeptAnnotation kept;
  kept.of = annotation.of;
  kept.level = annotation.level;
  kept.priority = annotation.priority;
  kept.time = annotation.time.value_or(arrival);
  kept.title = keep_text(annotation.title, kTitleBytesMax, kept.cut);
  // Twice the limit is enough to fill it, however many `\n` there are.
  kept.text = keep_text(with_line_ends(start_of(annotation.text, 2 * kTextBytesMax)), kTextBytesMax,
                        kept.cut);
  kept.cut = kept.cut || annotation.text.size() > 2 * kTextBytesMax;
  kept.host = keep_text(annotation.host, kLabelBytesMax, kept.cut);
  kept.aggregation_key = keep_text(annotation.aggregation_key, kLabelBytesMax, kept.cut);
  kept.source_type = keep_text(annotation.source_type, kLabelBytesMax, kept.cut);
  kept.tags = keep_tags(annotation.tags, kept.cut);
  return kept;
}

std::size_t held_bytes(const KeptAnnotation& annotation) {
  std::size_t bytes = sizeof annotation + annotation.title.capacity() + annotation.text.capacity() +
                      annotation.host.capacity() + annotation.aggregation_key.capacity() +
                      annotation.source_type.capacity();
  for (const KeptTag& tag : annotation.tags)
    bytes += sizeof tag + tag.key.capacity() + tag.value.capacity();
  return bytes;
}

std::size_t held_bytes_max() {
  constexpr std::size_t kShort = 16;  // of a string that lies in its own head
  return sizeof(KeptAnnotation) + kTitleBytesMax + kTextBytesMax + 3 * kLabelBytesMax +
         kTagsBytesMax + kTagsMax * (sizeof(KeptTag) + 2 * kShort);
}

}  // namespace ingest::model
