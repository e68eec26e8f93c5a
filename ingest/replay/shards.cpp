#include "ingest/replay/shards.h"

#include <algorithm>
#include <system_error>
#include <tuple>
#include <utility>

#include "ingest/base/check.h"

namespace ingest::replay {

Shards::Shards(const series::OpenPanes::Options& panes, const Options& options)
    : batch_(options.batch) {
  CHECK(options.count >= 1 && options.count <= kShardsMax && options.batch >= 1);
  for (std::size_t i = 0; i < options.count; ++i)
    shards_.push_back(std::make_unique<Shard>(panes));
}

Shards::~Shards() {
  end_round();
  round_.store(kOver);
  round_.notify_all();
  for (const auto& shard : shards_) {
    if (shard->thread.joinable()) shard->thread.join();
  }
}

void Shards::add(model::LocalSeries series, const model::Sample& sample, WallTime time,
                 WallTime arrival) {
  Batch& batch = shards_[series.index % shards_.size()]->filling;
  Item& item = batch.items.emplace_back(Item{series, sample, time, arrival, 0});
  item.sample.key = {};
  item.member_at = batch.members.size();
  batch.members += sample.member;
  if (++added_ >= batch_) begin_round();
}

void Shards::fold(Shard& shard, Batch& batch) {
  const std::string_view members = batch.members;
  for (Item& item : batch.items) {
    item.sample.member = members.substr(item.member_at, item.sample.member.size());
    shard.panes.fold(item.series, series::Pane::Watched::No, item.time, item.sample, item.arrival);
  }
  batch.items.clear();
  batch.members.clear();
}

// ---- rounds ----

void Shards::begin_round() {
  end_round();
  added_ = 0;
  holds_ = true;
  if (shards_.size() == 1) return fold(*shards_.front(), shards_.front()->filling);
  for (const auto& shard : shards_)
    std::swap(shard->filling, shard->folding);
  in_round_ = true;
  busy_.store(shards_.size(), std::memory_order_relaxed);  // published by the next store
  round_.fetch_add(1);
  round_.notify_all();
  for (const auto& shard : shards_) {
    if (!shard->thread.joinable()) start(*shard);
  }
}

// Within a round: the first one that the thread sees is its own to fold.
void Shards::start(Shard& shard) {
  try {
    shard.thread = std::thread{[this, &shard] { run(shard); }};
  } catch (const std::system_error&) {  // no thread: this one does its share
    fold(shard, shard.folding);
    busy_.fetch_sub(1);
  }
}

void Shards::end_round() {
  if (!std::exchange(in_round_, false)) return;
  for (std::size_t left = busy_.load(); left > 0; left = busy_.load())
    busy_.wait(left);
}

void Shards::run(Shard& shard) {
  for (std::uint64_t seen = round_.load(); seen != kOver; seen = round_.load()) {
    fold(shard, shard.folding);
    if (busy_.fetch_sub(1) == 1) busy_.notify_all();
    round_.wait(seen);
  }
}

// ---- what leaves ----

void Shards::take(std::vector<model::PartialMoved>& out) {
  end_round();
  const auto first = static_cast<std::ptrdiff_t>(out.size());
  for (const auto& shard : shards_) {
    fold(*shard, shard->filling);
    shard->panes.take_all(out);
  }
  added_ = 0;
  holds_ = false;
  const auto order = [](const model::PartialMoved& moved) {
    return std::tuple{moved.series.index, moved.series.generation, moved.pane};
  };
  std::sort(out.begin() + first, out.end(),
            [&](const auto& a, const auto& b) { return order(a) < order(b); });
}

}  // namespace ingest::replay
