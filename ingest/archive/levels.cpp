#include "ingest/archive/levels.h"

#include <algorithm>

namespace ingest::archive {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr Millis kTen{10'000};
constexpr Millis kSixty{60'000};
constexpr Millis kPartLeast = minutes{10};
constexpr PaneNumber kPartBlocks = 10;
constexpr PaneNumber kPartBlocksTen = 24;
constexpr PaneNumber kPartBlocksSixty = 48;

}  // namespace

bool Levels::exists(Rollup level) const {
  return level == Rollup::Base || (base_ < pane(level) && pane(level) % base_ == Millis{0});
}

Millis Levels::pane(Rollup level) const {
  switch (level) {
    case Rollup::Base:
      break;
    case Rollup::Ten:
      return kTen;
    case Rollup::Sixty:
      return kSixty;
  }
  return base_;
}

Millis Levels::kept(Rollup level) const {
  const Millis length = pane(level);
  if (length >= kSixty) return hours{24 * 30};
  if (length >= kTen) return hours{48};
  return hours{2};
}

Millis Levels::part(Rollup level) const {
  const Millis length = block(level);
  if (pane(level) >= kSixty) return length * kPartBlocksSixty;
  if (pane(level) >= kTen) return length * kPartBlocksTen;
  return length * std::max(kPartBlocks, (kPartLeast + length - Millis{1}) / length);
}

Millis Levels::period() const {
  return kSixty % base_ == Millis{0} ? kSixty : base_ * kPanesPerBlock;
}

}  // namespace ingest::archive
