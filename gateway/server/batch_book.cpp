#include "gateway/server/batch_book.h"

#include <algorithm>
#include <span>
#include <vector>

#include "ingest/base/byte_coding.h"

namespace gateway::server {
namespace {

constexpr std::size_t kFaultsMax = 1'000;
constexpr std::size_t kReasonBytesMax = 64;
constexpr std::size_t kReasonsMax = 256;

using Reasons = std::set<std::string, std::less<>>;

/// A view that stays; of few, because reasons are words of the code that wrote them.
std::string_view kept(std::string_view reason, Reasons& reasons) {
  const auto known = reasons.find(reason);
  if (known != reasons.end()) return *known;
  if (reasons.size() >= kReasonsMax) return "unknown";
  return *reasons.emplace(reason).first;
}

std::optional<Taken> unpack_taken(std::string_view bytes, Reasons& reasons) {
  ingest::ByteReader reader{std::as_bytes(std::span{bytes})};
  Taken taken;
  taken.accepted = reader.varint();
  taken.rejected = reader.varint();
  for (std::size_t left = reader.count(kFaultsMax); left > 0 && reader.good(); --left) {
    const std::uint64_t line = reader.varint();
    taken.faults.push_back({.line = line, .reason = kept(reader.text(kReasonBytesMax), reasons)});
  }
  return reader.good() ? std::optional{std::move(taken)} : std::nullopt;
}

}  // namespace

// accepted, rejected, how many faults, and of each its line and reason
std::string pack_taken(const Taken& taken) {
  std::vector<std::byte> bytes;
  ingest::ByteWriter writer{bytes};
  writer.varint(taken.accepted);
  writer.varint(taken.rejected);
  writer.varint(taken.faults.size());
  for (const Taken::Fault& fault : taken.faults) {
    writer.varint(fault.line);
    writer.text(fault.reason);
  }
  std::string text(bytes.size(), '\0');
  std::ranges::transform(bytes, text.begin(),
                         [](std::byte byte) { return static_cast<char>(byte); });
  return text;
}

void BatchBook::forget_oldest(ingest::MonoTime now) {
  while (!entries_.empty()) {
    const bool old = now - entries_.front().at >= kKept;
    if (!old && entries_.size() < batches_max_) return;
    if (!old) ++forgotten_early_;
    by_key_.erase(entries_.front().key);
    entries_.pop_front();
  }
}

BatchBook::Begun BatchBook::begin(const std::string& key, ingest::MonoTime now) {
  const std::lock_guard lock{mutex_};
  const auto known = by_key_.find(key);
  if (known != by_key_.end() && now - known->second->at < kKept) {
    const Entry& entry = *known->second;
    if (entry.torn) return {.is = Is::Torn, .done = {}};
    if (!entry.done) return {.is = Is::Busy, .done = {}};
    return {.is = Is::Repeated, .done = *entry.done};
  }
  // Workers' clocks differ by a turn: it is too old and yet may stand behind one that is not.
  if (known != by_key_.end()) {
    entries_.erase(known->second);
    by_key_.erase(known);
  }
  forget_oldest(now);
  entries_.push_back({.key = key, .at = now, .done = {}, .torn = false});
  by_key_.emplace(key, std::prev(entries_.end()));
  return {};
}

void BatchBook::finish(const std::string& key, const Done& done) {
  const std::lock_guard lock{mutex_};
  const auto known = by_key_.find(key);
  if (known != by_key_.end()) known->second->done = done;
}

void BatchBook::abandon(const std::string& key) {
  const std::lock_guard lock{mutex_};
  const auto known = by_key_.find(key);
  if (known == by_key_.end()) return;
  entries_.erase(known->second);
  by_key_.erase(known);
}

void BatchBook::restore(const std::string& key, ingest::MonoTime at,
                        const std::optional<std::string>& done) {
  const std::lock_guard lock{mutex_};
  if (by_key_.contains(key)) return;
  if (entries_.size() >= batches_max_ && at < entries_.front().at) {
    ++forgotten_early_;
    return;
  }
  forget_oldest(at);
  // Before those that began since: the oldest is the first to go.
  const auto before = std::find_if(entries_.rbegin(), entries_.rend(),
                                   [&](const Entry& each) { return each.at <= at; });
  Entry entry{.key = key, .at = at, .done = {}, .torn = true};
  if (const auto taken = done ? unpack_taken(*done, reasons_) : std::nullopt) {
    entry.done = Done{.taken = *taken, .ask = {}};
    entry.torn = false;
  }
  by_key_.emplace(key, entries_.insert(before.base(), std::move(entry)));
}

std::size_t BatchBook::size() const {
  const std::lock_guard lock{mutex_};
  return entries_.size();
}

std::uint64_t BatchBook::forgotten_early() const {
  const std::lock_guard lock{mutex_};
  return forgotten_early_;
}

}  // namespace gateway::server
