#include "ingest/timeline/pane_store.h"

#include <algorithm>

#include "ingest/base/check.h"
#include "ingest/model/packed_partial.h"

namespace ingest::timeline {
namespace {

constexpr std::size_t kBase = static_cast<std::size_t>(Rollup::Base);
constexpr std::size_t kMeanOf = 1'024;  // records, of the running mean of their length
static_assert(model::kPackedBytesMax <= PaneLog::kRecordMax);

model::Partial unpacked(std::span<const std::byte> packed) {
  auto partial = model::unpack(packed);
  CHECK(partial);  // our own bytes
  return *std::move(partial);
}

}  // namespace

PaneStore::PaneStore(const std::array<Millis, kRollups>& lengths, PaneNumber open)
    : lengths_(lengths), open_(open) {
  CHECK(lengths[kBase] > Millis{0});
  Millis below = lengths[kBase];
  for (std::size_t level = 1; level < kRollups; ++level) {
    if (!kept(level)) {
      covers_[level] = SeriesPanes::kNever;
      continue;
    }
    CHECK(rolls_up(below, lengths[level]));
    below = lengths[level];
  }
  made_until_[kBase] = SeriesPanes::kNever;
}

void PaneStore::add(SeriesIndex series, model::Kind kind) {
  while (kept_.size() <= series)
    kept_.emplace_back();
  kept_[series].kind = kind;
}

// ---- open panes ----

OpenPane* PaneStore::open_pane(PaneNumber pane) const {
  // From the newest: there are a handful.
  for (std::size_t i = open_panes_.size(); i-- > 0;) {
    if (open_panes_[i]->number() == pane) return open_panes_[i].get();
    if (open_panes_[i]->number() < pane) return nullptr;
  }
  return nullptr;
}

OpenPane& PaneStore::open_pane_made(PaneNumber pane) {
  if (OpenPane* const found = open_pane(pane)) return *found;
  const auto place = std::ranges::find_if(
      open_panes_, [&](const std::unique_ptr<OpenPane>& each) { return each->number() > pane; });
  return **open_panes_.insert(place, std::make_unique<OpenPane>(pane, open_memory_));
}

void PaneStore::prefetch_place(SeriesIndex series, PaneNumber pane) const {
  if (const OpenPane* const open = open_pane(pane)) open->prefetch_place(series);
}

void PaneStore::prefetch_entry(SeriesIndex series, PaneNumber pane) const {
  if (const OpenPane* const open = open_pane(pane)) open->prefetch_entry(series);
}

void PaneStore::prefetch_partial(SeriesIndex series, PaneNumber pane) const {
  if (const OpenPane* const open = open_pane(pane)) open->prefetch_partial(series);
}

bool PaneStore::merge(SeriesIndex series, PaneNumber pane, model::Partial&& partial) {
  CHECK(pane >= open_);
  const bool is_new = open_pane_made(pane).merge(series, std::move(partial));
  if (is_new) {
    ++panes_;
    open_entries_most_ = std::max(open_entries_most_, ++open_entries_);
  }
  return is_new;
}

// ---- closing ----

void PaneStore::close(PaneNumber open, Millis passed) {
  const PaneNumber before = std::exchange(open_, std::max(open_, open));
  std::size_t fullest = 0;
  for (const auto& pane : open_panes_) {
    if (pane->number() >= open_) break;
    fullest = std::max(fullest, pane->size());
    if (pane->number() >= before) waiting_ += pane->size();
  }
  if (open_ > before) share_ = waiting_;
  const auto parts = std::max<std::int64_t>(1, lengths_[kBase] / std::max(passed, Millis{1}));
  const std::size_t most = std::max(kPackedAtOnce, kPanesAtOnce * fullest);
  pack_some(std::min(share_ / static_cast<std::size_t>(parts) + 1, most));
}

void PaneStore::pack_some(std::size_t entries) {
  while (!open_panes_.empty() && open_panes_.front()->number() < open_) {
    OpenPane& pane = *open_panes_.front();
    for (; pane.size() > 0; --entries) {
      if (entries == 0) return;
      pack_front(pane);
    }
    open_panes_.erase(open_panes_.begin());
  }
}

void PaneStore::pack_front(OpenPane& pane) {
  constexpr std::size_t kAhead = 6;  // memory is asked for so many entries before its use
  if (const auto* next = pane.ahead(3 * kAhead)) __builtin_prefetch(&kept_[next->series]);
  if (const auto* next = pane.ahead(2 * kAhead)) {
    kept_[next->series].logs[kBase].prefetch();
    next->partial.prefetch_all();
  }
  if (const auto* next = pane.ahead(kAhead)) kept_[next->series].logs[kBase].prefetch_end();
  OpenPane::Entry& entry = pane.take_front();
  --waiting_;
  --open_entries_;
  kept_[entry.series].total.add(entry.partial);
  scratch_.clear();
  model::pack(entry.partial, scratch_);
  packed_bytes_ += scratch_.size() - packed_bytes_ / kMeanOf;
  write(entry.series, kBase, pane.number(), scratch_);
}

void PaneStore::write(SeriesIndex series, std::size_t level, PaneNumber pane,
                      std::span<const std::byte> packed) {
  kept_[series].logs[level].append(pane, packed, blocks_);
  if (sink_ != nullptr) sink_->packed(series, static_cast<Rollup>(level), pane, packed);
}

PaneNumber PaneStore::packed_until() const {
  return open_panes_.empty() ? open_ : std::min(open_, open_panes_.front()->number());
}

// ---- totals ----

void PaneStore::tell_total(SeriesIndex series, ToldTotal& told) {
  Kept& kept = kept_[series];
  const auto each_open = [&](const auto& add) {
    for (const auto& pane : open_panes_)
      if (const model::Partial* const partial = pane->find(series)) add(*partial);
  };
  kept.total.tell(kept.kind, each_open, told);
}

// ---- roll-ups ----

void PaneStore::begin_round() {
  PaneNumber whole = packed_until();
  std::size_t below = kBase;
  for (std::size_t level = 1; level < kRollups; ++level) {
    if (!kept(level)) continue;
    made_until_[level] = round_until_[level];
    round_until_[level] = whole / (lengths_[level] / lengths_[below]);
    whole = round_until_[level];
    below = level;
  }
}

void PaneStore::prefetch_visit(SeriesIndex series) const {
  const Kept& kept = kept_[series];
  std::size_t below = kBase;
  for (std::size_t level = 1; level < kRollups; ++level) {
    if (round_until_[level] == made_until_[level]) continue;
    kept.logs[below].prefetch_marked();
    kept.logs[level].prefetch();
    below = level;
  }
}

void PaneStore::prefetch_marks(SeriesIndex series) const {
  for (const PaneLog& log : kept_[series].logs)
    log.prefetch_mark();
}

std::size_t PaneStore::visit(SeriesIndex series, const PerLevel& oldest) {
  std::size_t below = kBase;
  std::size_t dropped = 0;
  for (std::size_t level = 1; level < kRollups; ++level) {
    if (!kept(level)) continue;
    roll_up(series, below, level);
    const PaneNumber rolled = round_until_[level] * (lengths_[level] / lengths_[below]);
    dropped += drop(kept_[series], below, std::min(oldest[below], rolled));
    below = level;
  }
  return dropped + drop(kept_[series], below, oldest[below]);
}

void PaneStore::roll_up(SeriesIndex series, std::size_t from, std::size_t to) {
  const PaneNumber ratio = lengths_[to] / lengths_[from];
  PaneNumber number = 0;  // of the longer pane whose panes are being merged
  const auto finish = [&] {
    if (merging_.empty()) return;
    write(series, to, number, merging_.finish());
    ++panes_;
  };
  const auto take = [&](const PaneLog::Record& record) {
    if (record.number / ratio != number) finish();
    number = record.number / ratio;
    merging_.add(record.packed);
  };
  kept_[series].logs[from].take_marked(round_until_[to] * ratio, take);
  finish();
}

std::size_t PaneStore::drop(Kept& kept, std::size_t level, PaneNumber oldest) {
  covers_[level] = std::max(covers_[level], oldest);
  PaneLog& log = kept.logs[level];
  if (log.empty() || log.front() >= oldest) return 0;
  const std::size_t dropped = log.drop_below(oldest, blocks_, [&](const PaneLog::Record& record) {
    if (kept.kind != model::Kind::Gauge) return;
    if (kept.before == nullptr) kept.before = std::make_unique<Befores>();
    auto& before = (*kept.before)[level];
    const double value = before ? before->value : 0;
    before = {unpacked(record.packed).gauge().last(value), record.number};
  });
  panes_ -= dropped;
  return dropped;
}

// ---- a series' end ----

bool PaneStore::empty(SeriesIndex series) const {
  const auto is_empty = [](const PaneLog& log) { return log.empty(); };
  const auto has_none = [&](const auto& pane) { return pane->find(series) == nullptr; };
  return std::ranges::all_of(kept_[series].logs, is_empty) &&
         std::ranges::all_of(open_panes_, has_none);
}

void PaneStore::forget(SeriesIndex series) {
  Kept& kept = kept_[series];
  for (PaneLog& log : kept.logs) {
    panes_ -= log.size();
    log.clear(blocks_);
  }
  kept.before.reset();
  kept.total = {};
}

std::size_t PaneStore::held_bytes() const {
  // Of a packed record its partial holds some half more.
  const std::size_t partial_bytes = packed_bytes_ / kMeanOf * 3 / 2;
  return kept_.held_bytes() + blocks_.used_bytes() + open_memory_.held_bytes() +
         std::min(open_entries_most_, open_memory_.entries()) * partial_bytes;  // taken ones stay
}

}  // namespace ingest::timeline
