#pragma once
// BoxShares: what tells the samples inside a box of a heatmap from those outside: for each tag that
// some series have, how many of either come from them. Fed with the buckets of whole series. Pure;
// a value.

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "gateway/server/tags_column.h"

namespace gateway::server {

/// The values of the box, both ends in it.
struct ValueBand {
  double low = 0;
  double high = 0;
};

class BoxShares {
 public:
  /// Different tags that are counted; those of further series are left out.
  static constexpr std::size_t kTagsMax = 50'000;
  static constexpr std::size_t kItemsMax = 50;

  explicit BoxShares(ValueBand band) : band_(band) {}

  /// The samples of one series: the lists that `buckets` points at (query::Update::lists), from its
  /// first number on. A bucket that the band cuts counts by the part of its width.
  void add(const std::vector<Tag>& tags, std::span<const double> lists);

  struct Item {
    std::string key;
    std::string value;
    double inside = 0;   // of the samples inside, the share that has this tag
    double outside = 0;  // the same of those outside
    double lift = 0;     // the share inside by the share of all samples
    /// How well it explains the box: 1 says that all inside have it and none outside.
    double score() const { return inside - outside; }
  };
  struct Found {
    double inside = 0;
    double outside = 0;
    std::vector<Item> items;  // by score, then key and value; kItemsMax at most
    bool left_out = false;    // there were more than kTagsMax
  };
  Found finish() const;

 private:
  struct Sides {
    double inside = 0;
    double outside = 0;
  };
  Sides split(std::span<const double> lists) const;

  ValueBand band_;
  Sides all_;
  std::map<Tag, Sides> tags_;
  bool left_out_ = false;
};

}  // namespace gateway::server
