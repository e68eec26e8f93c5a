#pragma once
// PlainEvent: an event whose parts came one by one, as JSON has them: nothing in them is escaped,
// and a tag may hold any character. A value of views.

#include <string_view>
#include <vector>

#include "ingest/base/clock.h"
#include "ingest/model/annotation.h"
#include "ingest/model/series_key.h"

namespace ingest::model {

struct PlainEvent {
  Annotation::Level level = Annotation::Level::Info;
  WallTime time{};
  std::string_view title{};
  std::string_view text{};
  std::string_view host{};
  std::vector<TagView> tags{};
};

/// With bytes of its own, cut to the limits of annotation.h.
KeptAnnotation keep(const PlainEvent& event);

}  // namespace ingest::model
