#pragma once
// TagList: key:value,key:value and key=value,key=value as the StatsD dialects write tags. Only
// checked here; the series key takes them apart.

#include <string_view>

#include "ingest/codec/lines.h"
#include "ingest/codec/scan.h"
#include "ingest/model/sample.h"

namespace ingest::codec {

/// Holds the tags that are left at the cursor to their limits. An element without a separator is a
/// key; an empty one is nothing.
template <char Separator>
Fault check_tag_list(Cursor tags) {
  for (std::size_t count = 0; !tags.done();) {
    const std::size_t key_bytes = tags.take_to(find_any<',', Separator>(tags)).size();
    std::size_t value_bytes = 0;
    const bool has_value = tags.is(Separator);
    if (has_value) {
      ++tags.at;
      value_bytes = tags.take_to(find_any<','>(tags)).size();
    }
    if (!tags.done()) ++tags.at;
    if (key_bytes == 0 && !has_value) continue;
    if (++count > model::kTagsMax) return Reject::TooManyTags;
    if (key_bytes == 0) return Reject::EmptyTagKey;
    if (key_bytes > model::kTagKeyBytesMax) return Reject::TagKeyTooLong;
    if (value_bytes > model::kTagValueBytesMax) return Reject::TagValueTooLong;
  }
  return std::nullopt;
}

}  // namespace ingest::codec
