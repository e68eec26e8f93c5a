#include "ingest/archive/batch_log.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <system_error>
#include <utility>

#include "ingest/base/byte_coding.h"

namespace ingest::archive {
namespace {

namespace fs = std::filesystem;

enum class Word : std::uint8_t { Begun = 1, Done = 2 };
constexpr std::int64_t kTimeMax = std::int64_t{1} << 53U;  // ms; far from overflow
constexpr std::string_view kPrefix = "batches-";
constexpr std::string_view kSuffix = ".log";

std::optional<std::uint64_t> number_of(std::string_view name) {
  if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix)) return std::nullopt;
  name = name.substr(kPrefix.size(), name.size() - kPrefix.size() - kSuffix.size());
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc{} || end != name.data() + name.size()) return std::nullopt;
  return number;
}

/// One word of a record; nothing behind the last, and from the first on that nobody wrote.
std::optional<BatchLog::Found> read_word(ByteReader& reader) {
  if (reader.left() == 0) return std::nullopt;
  const std::uint8_t word = reader.u8();
  const std::int64_t at_ms = reader.zigzag();
  const std::string_view id = reader.text(BatchLog::kIdBytesMax);
  const bool done = word == static_cast<std::uint8_t>(Word::Done);
  const std::string_view result =
      done ? reader.text(BatchLog::kResultBytesMax) : std::string_view{};
  if (!reader.good() || (!done && word != static_cast<std::uint8_t>(Word::Begun)))
    return std::nullopt;
  if (at_ms < 0 || at_ms > kTimeMax) return std::nullopt;
  return BatchLog::Found{std::string{id}, wall_from_ms(at_ms),
                         done ? std::optional{std::string{result}} : std::nullopt};
}

}  // namespace

std::string BatchLog::path_of(std::uint64_t number) const {
  return folder_ + '/' + std::string{kPrefix} + std::to_string(number) + std::string{kSuffix};
}

// ---- what was found ----

// A file that cannot be read hides its ids, and nothing else.
void BatchLog::read(std::uint64_t number, std::map<std::string, Found, std::less<>>& ids) {
  File& file = files_[number];
  const auto content = SegmentBytes::read(path_of(number));
  if (!content) return;
  SegmentReader records{content->bytes};
  while (const auto record = records.next()) {
    ByteReader reader{*record};
    while (const auto word = read_word(reader)) {
      file.youngest = std::max(file.youngest, word->at);
      if (!word->result) ++file.ids;
      ids[word->id] = *word;
    }
  }
}

Result<BatchLog> BatchLog::open(const std::string& folder, std::uint64_t session, WallTime now) {
  BatchLog log{folder, session};
  std::error_code error;
  std::vector<std::uint64_t> numbers;
  for (const auto& each : fs::directory_iterator{folder, error})
    if (const auto number = number_of(each.path().filename().string())) numbers.push_back(*number);
  if (error) return Failure{Error{error.value(), "cannot read " + folder + ": " + error.message()}};
  std::ranges::sort(numbers);
  std::map<std::string, Found, std::less<>> ids;
  for (const std::uint64_t number : numbers)
    log.read(number, ids);
  for (auto& [id, found] : ids)
    if (now - found.at < kKeptFor) log.found_.push_back(std::move(found));
  std::ranges::stable_sort(log.found_, {}, &Found::at);
  if (log.found_.size() > kKept)
    log.found_.erase(log.found_.begin(), log.found_.end() - std::ptrdiff_t{kKept});
  log.begin_file();
  log.remove_old(now);
  return log;
}

// ---- what comes ----

/// A new file for each run, too: what a torn write left at the end of the last one stays out of it.
void BatchLog::begin_file() {
  const std::uint64_t number = files_.empty() ? 1 : files_.rbegin()->first + 1;
  files_[number] = {};
  writer_.emplace(path_of(number), session_, 0);
}

void BatchLog::begun(std::string_view id, WallTime at) {
  if (id.size() > kIdBytesMax) return;
  ByteWriter writer{writer_->entries()};
  writer.u8(static_cast<std::uint8_t>(Word::Begun));
  writer.zigzag(to_ms(at));
  writer.text(id);
  File& file = files_.rbegin()->second;
  ++file.ids;
  file.youngest = std::max(file.youngest, at);
}

void BatchLog::done(std::string_view id, WallTime at, std::string_view result) {
  if (id.size() > kIdBytesMax || result.size() > kResultBytesMax) return;
  ByteWriter writer{writer_->entries()};
  writer.u8(static_cast<std::uint8_t>(Word::Done));
  writer.zigzag(to_ms(at));
  writer.text(id);
  writer.text(result);
  File& file = files_.rbegin()->second;
  file.youngest = std::max(file.youngest, at);
}

Result<void> BatchLog::sync() {
  TRY(writer_->sync());
  const File& file = files_.rbegin()->second;
  if (file.ids < kOfAFile) return {};
  const WallTime now = file.youngest;
  begin_file();
  remove_old(now);
  return {};
}

void BatchLog::remove_old(WallTime now) {
  std::size_t younger = 0;
  for (const auto& [number, file] : files_)
    younger += file.ids;
  const std::uint64_t current = files_.rbegin()->first;
  while (files_.begin()->first != current) {
    const auto oldest = files_.begin();
    younger -= oldest->second.ids;
    if (younger < kKept && now - oldest->second.youngest < kKeptFor) return;
    std::error_code ignored;
    fs::remove(path_of(oldest->first), ignored);
    files_.erase(oldest);
  }
}

}  // namespace ingest::archive
