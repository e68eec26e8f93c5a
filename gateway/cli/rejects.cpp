#include "gateway/cli/rejects.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <vector>

#include "ingest/codec/utf8.h"

namespace gateway::cli {
namespace {

using Json = nlohmann::ordered_json;
using ingest::worker::FeedRejects;
using ingest::worker::KeptReject;

/// A line as eyes see it.
struct Shown {
  std::string text;
  std::size_t mark = 0;  // characters before the place that was asked for
};

constexpr std::size_t kEscapeCharacters = 4;

void append_byte(std::string& text, char byte) {
  constexpr std::array kDigits{'0', '1', '2', '3', '4', '5', '6', '7',
                               '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'};
  const auto value = static_cast<unsigned char>(byte);
  text.append("\\x").append(1, kDigits.at(value >> 4U)).append(1, kDigits.at(value & 0xfU));
}

/// Of the one at the front; 0 where there is none, or it controls something.
std::size_t character_bytes(std::string_view bytes) {
  constexpr std::size_t kCharacterMax = 4;
  constexpr char kDelete = 0x7f;
  const char first = bytes.front();
  if ((first >= 0 && first < ' ') || first == kDelete) return 0;
  for (std::size_t size = 1; size <= std::min(kCharacterMax, bytes.size()); ++size) {
    if (ingest::codec::is_utf8_without_nul(bytes.substr(0, size))) return size;
  }
  return 0;
}

/// `before` of its bytes come before the mark.
Shown show(std::string_view bytes, std::size_t before) {
  Shown shown;
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t size = character_bytes(bytes.substr(at));
    if (size > 0) {
      shown.text.append(bytes.substr(at, size));
    } else {
      append_byte(shown.text, bytes[at]);
    }
    if (at < before) shown.mark += size > 0 ? 1 : kEscapeCharacters;
    at += std::max<std::size_t>(size, 1);
  }
  return shown;
}

Json reject_json(const FeedRejects& of, const KeptReject& kept) {
  const Shown shown = show(kept.text, kept.column - 1 - kept.skipped);
  return {{"time", ingest::to_ms(kept.time)},
          {"feed", of.feed},
          {"sender", kept.sender},
          {"reason", kept.reason},
          {"column", kept.column},
          {"text", shown.text},
          {"mark", shown.mark},
          {"cut_before", kept.skipped},
          {"cut_after", kept.bytes - kept.skipped - kept.text.size()}};
}

}  // namespace

std::string rejects_json(std::span<const ingest::worker::Worker::RejectsPtr> views,
                         std::string_view feed) {
  struct One {
    const FeedRejects* of = nullptr;
    const KeptReject* kept = nullptr;
  };
  std::vector<One> all;
  std::uint64_t passed_over = 0;
  for (const auto& view : views) {
    for (const FeedRejects& of : *view) {
      if (!feed.empty() && of.feed != feed) continue;
      passed_over += of.passed_over;
      for (const KeptReject& kept : of.lines)
        all.push_back({&of, &kept});
    }
  }
  // Of one time the later one of a feed is the newer.
  std::reverse(all.begin(), all.end());
  std::stable_sort(all.begin(), all.end(),
                   [](const One& a, const One& b) { return a.kept->time > b.kept->time; });
  if (all.size() > kRejectsShown) all.resize(kRejectsShown);
  Json items = Json::array();
  for (const One& one : all)
    items.push_back(reject_json(*one.of, *one.kept));
  // The name of a feed may hold any byte of a path.
  return Json{{"items", std::move(items)}, {"passed_over", passed_over}}.dump(
      -1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace gateway::cli
