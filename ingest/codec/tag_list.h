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
    const std::string_view key = tags.take_to(find_any<',', Separator>(tags));
    std::string_view value;
    const bool has_value = tags.is(Separator);
    if (has_value) {
      ++tags.at;
      value = tags.take_to(find_any<','>(tags));
    }
    if (!tags.done()) ++tags.at;
    if (key.empty() && !has_value) continue;
    if (++count > model::kTagsMax) return {Reject::TooManyTags, key.data()};
    if (key.empty()) return {Reject::EmptyTagKey, key.data()};
    if (const Fault fault = too_long(key, model::kTagKeyBytesMax, Reject::TagKeyTooLong))
      return fault;
    if (const Fault fault = too_long(value, model::kTagValueBytesMax, Reject::TagValueTooLong))
      return fault;
  }
  return {};
}

}  // namespace ingest::codec
