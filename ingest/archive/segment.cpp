#include "ingest/archive/segment.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <string_view>
#include <system_error>
#include <utility>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "ingest/base/byte_coding.h"

namespace ingest::archive {
namespace {

constexpr std::array<std::byte, 4> kSync{std::byte{'W'}, std::byte{'R'}, std::byte{'C'},
                                         std::byte{'1'}};
constexpr std::size_t kHeadBytes = kSync.size() + sizeof(std::uint32_t) + sizeof(std::uint64_t);
constexpr std::size_t kRecordBytesMax = std::size_t{1} << 30U;
constexpr std::string_view kPrefix = "checkpoint-";
constexpr std::string_view kSuffix = ".log";
constexpr mode_t kMode = 0600;
constexpr std::size_t kMore = std::size_t{64} << 10U;  // a file may have grown

std::uint64_t checksum(std::span<const std::byte> bytes) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), bytes.size());
}

template <class T>
bool read_number(std::string_view& text, T& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return error == std::errc{};
}

/// A new or removed name outlives a crash once its folder is synced.
void sync_folder(const std::string& path) {
  const std::string folder = path.substr(0, path.find_last_of('/'));
  const io::Fd fd{open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (fd) fsync(fd.get());
}

}  // namespace

std::string SegmentName::text() const {
  return std::string{kPrefix} + std::to_string(pane.count()) + '-' + std::to_string(to_ms(start)) +
         '-' + std::to_string(number) + std::string{kSuffix};
}

std::optional<SegmentName> SegmentName::read(std::string_view text) {
  if (!text.starts_with(kPrefix) || !text.ends_with(kSuffix)) return std::nullopt;
  std::string_view rest = text.substr(kPrefix.size());
  std::int64_t pane_ms = 0;
  std::int64_t start_ms = 0;
  std::uint64_t number = 0;
  if (!read_number(rest, pane_ms) || !rest.starts_with('-')) return std::nullopt;
  rest.remove_prefix(1);
  if (!read_number(rest, start_ms) || !rest.starts_with('-')) return std::nullopt;
  rest.remove_prefix(1);
  if (!read_number(rest, number) || rest != kSuffix || pane_ms <= 0) return std::nullopt;
  return SegmentName{Millis{pane_ms}, wall_from_ms(start_ms), number};
}

// ---- reading ----

Result<SegmentBytes> SegmentBytes::read(const std::string& path) {
  SegmentFile file = TRY(SegmentFile::open(path));
  while (TRY(file.read_some())) {
  }
  return std::move(file).take();
}

Failure<Error> SegmentFile::fault(const std::string& path) {
  return Failure{
      Error{errno, "cannot read " + path + ": " + std::generic_category().message(errno)}};
}

Result<SegmentFile> SegmentFile::open(const std::string& path) {
  io::Fd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  struct stat status {};
  if (!fd || fstat(fd.get(), &status) != 0) return fault(path);
  SegmentFile file{path, std::move(fd), static_cast<std::size_t>(status.st_size)};
  file.content_.bytes.reserve(file.size_ + kMore);
  TRY(file.read_some());
  return file;
}

Result<bool> SegmentFile::read_some() {
  std::vector<std::byte>& bytes = content_.bytes;
  const std::size_t before = bytes.size();
  bytes.resize(before + std::min(kBytesAtOnce, std::max(size_, before) - before + kMore));
  ssize_t got = 0;
  do {
    got = ::read(fd_.get(), bytes.data() + before, bytes.size() - before);
  } while (got < 0 && errno == EINTR);
  if (got < 0 && errno == EIO) content_.lost = std::max(size_, before + 1) - before;
  bytes.resize(before + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  if (got < 0 && errno != EIO) return fault(path_);
  return got > 0;
}

std::optional<std::span<const std::byte>> SegmentReader::record_at(std::size_t at) const {
  ByteReader head{bytes_.subspan(at)};
  if (!std::ranges::equal(head.bytes(kSync.size()), kSync)) return std::nullopt;
  const std::size_t length = head.u32();
  const std::uint64_t sum = head.u64();
  if (!head.good() || length > head.left() || length > kRecordBytesMax) return std::nullopt;
  const auto content = head.bytes(length);
  if (checksum(content) != sum) return std::nullopt;
  return content;
}

std::optional<std::span<const std::byte>> SegmentReader::next() {
  while (at_ < bytes_.size()) {
    const auto found = std::search(bytes_.begin() + static_cast<std::ptrdiff_t>(at_), bytes_.end(),
                                   kSync.begin(), kSync.end());
    at_ = static_cast<std::size_t>(found - bytes_.begin());
    const auto content = record_at(at_);
    if (!content) {
      at_ = std::min(at_ + 1, bytes_.size());
      continue;
    }
    at_ += kHeadBytes + content->size();
    whole_bytes_ += kHeadBytes + content->size();
    whole_until_ = at_;
    ByteReader reader{*content};
    const std::uint64_t session = reader.u64();
    const std::uint64_t sequence = reader.varint();
    const bool again = session == session_ && sequence <= sequence_;
    if (!reader.good() || again) continue;
    session_ = session;
    sequence_ = sequence;
    return reader.rest();
  }
  return std::nullopt;
}

// ---- writing ----

Error SegmentWriter::fault(const char* what) const {
  return {errno, std::string{"cannot "} + what + ' ' + path_ + ": " +
                     std::generic_category().message(errno)};
}

void SegmentWriter::seal() {
  if (entries_.empty()) return;
  std::vector<std::byte> content;
  ByteWriter writer{content};
  writer.u64(session_);
  writer.varint(++sequence_);
  writer.bytes(entries_);
  entries_.clear();
  ByteWriter record{waiting_};
  record.bytes(kSync);
  record.u32(static_cast<std::uint32_t>(content.size()));
  record.u64(checksum(content));
  record.bytes(content);
}

// What a torn or failed write left behind the last whole record goes.
Result<void> SegmentWriter::open() {
  fd_ = io::Fd{::open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, kMode)};
  if (!fd_) return Failure{fault("open")};
  if (ftruncate(fd_.get(), static_cast<off_t>(length_)) != 0) {
    Error error = fault("cut");
    fd_.reset();
    return Failure{std::move(error)};
  }
  sync_folder(path_);
  return {};
}

Result<void> SegmentWriter::sync() {
  seal();
  if (waiting_.empty()) return {};
  if (!fd_) TRY(open());
  for (std::size_t done = 0; done < waiting_.size();) {
    const ssize_t wrote = pwrite(fd_.get(), waiting_.data() + done, waiting_.size() - done,
                                 static_cast<off_t>(length_ + done));
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) {
      Error error = fault("write");
      fd_.reset();
      return Failure{std::move(error)};
    }
    done += static_cast<std::size_t>(wrote);
  }
  // After a failed fsync the kernel may have forgotten the pages: they are written anew.
  if (fdatasync(fd_.get()) != 0) {
    Error error = fault("sync");
    fd_.reset();
    return Failure{std::move(error)};
  }
  length_ += waiting_.size();
  waiting_.clear();
  return {};
}

}  // namespace ingest::archive
