#include "ingest/archive/witness.h"

#include <algorithm>
#include <filesystem>
#include <span>
#include <system_error>
#include <utility>

#include "ingest/archive/segment.h"
#include "ingest/base/byte_coding.h"

namespace ingest::archive {
namespace {

Gap both(const Gap& one, const Gap& other) {
  return {std::min(one.from, other.from), std::max(one.until, other.until)};
}

std::optional<Witness::Tables> read_tables(std::span<const std::byte> record) {
  Witness::Tables tables;
  ByteReader reader{record};
  for (std::size_t left = reader.count(record.size()); left > 0; --left) {
    const std::uint64_t number = reader.varint();
    tables.emplace(number, reader.text(record.size()));
  }
  if (!reader.good()) return std::nullopt;
  return tables;
}

}  // namespace

Witness Witness::read(const std::string& path) {
  Witness witness{path};
  const auto content = SegmentBytes::read(path);
  if (!content) return witness;
  SegmentReader records{content->bytes};
  const auto record = records.next();
  if (!record) return witness;
  ByteReader reader{*record};
  while (reader.left() > 0 && witness.commits_.size() < kCommitsMax) {
    Commit commit;
    commit.sequence = reader.u64();
    commit.span.from = wall_from_ms(static_cast<std::int64_t>(reader.u64()));
    commit.span.until = wall_from_ms(static_cast<std::int64_t>(reader.u64()));
    if (reader.good()) witness.commits_.push_back(commit);
  }
  if (const auto tables = records.next()) witness.tables_ = read_tables(*tables);
  return witness;
}

void Witness::committed(std::uint64_t sequence, const Gap& span, Tables tables) {
  tables_ = std::move(tables);
  commits_.push_back({sequence, span});
  if (commits_.size() > kCommitsMax) {
    commits_[1].span = both(commits_[0].span, commits_[1].span);
    commits_.erase(commits_.begin());
  }
  write();
}

void Witness::rearranged(Tables tables) {
  if (commits_.empty() || tables_ == tables) return;
  tables_ = std::move(tables);
  write();
}

Missing Witness::lost_by(std::uint64_t sequence) const {
  Missing lost;
  for (const Commit& each : commits_)
    if (each.sequence > sequence) lost.add(each.span);
  return lost;
}

void Witness::settle(std::uint64_t sequence, Tables tables) {
  const auto all = span();
  if (!all) return;
  const bool is_settled = commits_.size() == 1 && commits_.front().sequence == sequence;
  if (is_settled && tables_ == tables) return;
  commits_ = {{sequence, *all}};
  tables_ = std::move(tables);
  write();
}

std::optional<Gap> Witness::span() const {
  if (commits_.empty()) return std::nullopt;
  Gap all = commits_.front().span;
  for (const Commit& each : commits_)
    all = both(all, each.span);
  return all;
}

// As a whole or not at all: what stood there before stays until all of it is on disk.
void Witness::write() const {
  const std::string fresh = path_ + ".new";
  SegmentWriter writer{fresh, 1, 0};
  ByteWriter bytes{writer.entries()};
  for (const Commit& each : commits_) {
    bytes.u64(each.sequence);
    bytes.u64(static_cast<std::uint64_t>(to_ms(each.span.from)));
    bytes.u64(static_cast<std::uint64_t>(to_ms(each.span.until)));
  }
  if (!writer.sync()) return;
  if (tables_) {
    ByteWriter named{writer.entries()};
    named.varint(tables_->size());
    for (const auto& [number, family] : *tables_) {
      named.varint(number);
      named.text(family);
    }
    if (!writer.sync()) return;
  }
  std::error_code ignored;
  std::filesystem::rename(fresh, path_, ignored);
}

}  // namespace ingest::archive
