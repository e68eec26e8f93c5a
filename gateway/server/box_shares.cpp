#include "gateway/server/box_shares.h"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace gateway::server {
namespace {

constexpr std::size_t kHead = 3;  // scale, zeros, first index

/// The part of [from, to] that lies in the band.
double part_in(const ValueBand& band, double from, double to) {
  const double low = std::max(from, band.low);
  const double high = std::min(to, band.high);
  if (low > high) return 0;
  return to > from ? (high - low) / (to - from) : 1;
}

/// How many numbers follow.
std::size_t count_at(std::span<const double> lists) {
  if (lists.empty() || !(lists[0] > 0)) return 0;
  const auto count = static_cast<std::size_t>(lists[0]);
  return count < lists.size() ? count : 0;
}

/// Where the bucket of this index begins: an index is of (2^(i/2^scale), 2^((i+1)/2^scale)].
double bound_of(double index, double scale) {
  return std::exp2(index * std::exp2(-scale));
}

}  // namespace

/// Positive values, then negative ones.
BoxShares::Sides BoxShares::split(std::span<const double> lists) const {
  Sides sides;
  for (const bool negative : {false, true}) {
    const std::size_t count = count_at(lists);
    if (count < kHead) break;
    const std::span<const double> run = lists.subspan(1, count);
    lists = lists.subspan(1 + count);
    const auto take = [&](double from, double to, double events) {
      const double inside = events * part_in(band_, from, to);
      sides.inside += inside;
      sides.outside += events - inside;
    };
    take(0, 0, run[1]);
    for (std::size_t i = kHead; i < run.size(); ++i) {
      const double index = run[2] + static_cast<double>(i - kHead);
      const double near = bound_of(index, run[0]);
      const double far = bound_of(index + 1, run[0]);
      negative ? take(-far, -near, run[i]) : take(near, far, run[i]);
    }
  }
  return sides;
}

void BoxShares::add(const std::vector<Tag>& tags, std::span<const double> lists) {
  const Sides sides = split(lists);
  all_.inside += sides.inside;
  all_.outside += sides.outside;
  for (const Tag& tag : tags) {
    auto known = tags_.find(tag);
    if (known == tags_.end()) {
      left_out_ = left_out_ || tags_.size() >= kTagsMax;
      if (tags_.size() >= kTagsMax) continue;
      known = tags_.emplace(tag, Sides{}).first;
    }
    known->second.inside += sides.inside;
    known->second.outside += sides.outside;
  }
}

BoxShares::Found BoxShares::finish() const {
  Found found{.inside = all_.inside, .outside = all_.outside, .items = {}, .left_out = left_out_};
  if (!(all_.inside > 0)) return found;
  const double all = all_.inside + all_.outside;
  for (const auto& [tag, sides] : tags_) {
    if (!(sides.inside > 0)) continue;
    const double inside = sides.inside / all_.inside;
    found.items.push_back({.key = tag.first,
                           .value = tag.second,
                           .inside = inside,
                           .outside = all_.outside > 0 ? sides.outside / all_.outside : 0,
                           .lift = inside * all / (sides.inside + sides.outside)});
  }
  const auto rank = [](const Item& item) {
    constexpr double kSame = 1e-9;  // rounding decides nothing
    return std::tuple<double, const std::string&, const std::string&>{
        -std::round(item.score() / kSame), item.key, item.value};
  };
  std::ranges::sort(found.items, [&](const Item& a, const Item& b) { return rank(a) < rank(b); });
  if (found.items.size() > kItemsMax) found.items.resize(kItemsMax);
  return found;
}

}  // namespace gateway::server
