#pragma once
// Segment: one append-only file of the checkpoint: the births and deltas of one period, in records
// with their length and checksum. Owned by the archive's thread. It must not know what entries
// mean.
//
//   name     checkpoint-<pane ms>-<period start ms>-<number>.log
//   record   "WRC1" | length 4 bytes | XXH3 of what follows, seeded with the length, 8 bytes |
//            session 8 bytes, sequence varint, entries
//
// A record whose checksum does not hold is left out and the next one looked for; what follows the
// last whole record (a torn write) is cut off before something is appended. A record that a failed
// write left behind and that was written again has the sequence that it had, and is taken once.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ingest/base/clock.h"
#include "ingest/base/result.h"
#include "ingest/io/fd.h"

namespace ingest::archive {

struct SegmentName {
  Millis pane{1'000};
  WallTime start;
  std::uint64_t number = 0;  // no two segments of a period ever have the same, gone ones included
  std::string text() const;
  static std::optional<SegmentName> read(std::string_view text);
};

/// A segment in memory. Read, not mapped: a page that cannot be read would end the process.
struct SegmentBytes {
  std::vector<std::byte> bytes;
  std::uint64_t lost = 0;  // bytes behind a place that the device could not read
  /// An error where it cannot be read now, and may be later; its code is ENOENT where it is gone.
  static Result<SegmentBytes> read(const std::string& path);
};

/// The same, some of it at a time.
class SegmentFile {
 public:
  static constexpr std::size_t kBytesAtOnce = std::size_t{4} << 20U;

  /// What is wrong with the file as a whole is found here.
  static Result<SegmentFile> open(const std::string& path);
  /// At most kBytesAtOnce more. Whether there may be more.
  Result<bool> read_some();
  const SegmentBytes& content() const { return content_; }
  SegmentBytes take() && { return std::move(content_); }

 private:
  SegmentFile(std::string path, io::Fd fd, std::size_t size)
      : path_(std::move(path)), fd_(std::move(fd)), size_(size) {}
  static Failure<Error> fault(const std::string& path);

  std::string path_;
  io::Fd fd_;
  std::size_t size_;  // as it was when it was opened
  SegmentBytes content_;
};

/// Finds the records of a segment, one after the other.
class SegmentReader {
 public:
  explicit SegmentReader(std::span<const std::byte> bytes) : bytes_(bytes) {}
  /// The entries of the next whole record; nothing at the end.
  std::optional<std::span<const std::byte>> next();
  /// After the last one: where the last whole record ended, and bytes before that which are none.
  std::size_t whole_until() const { return whole_until_; }
  std::size_t damaged_bytes() const { return whole_until_ - whole_bytes_; }

 private:
  std::optional<std::span<const std::byte>> record_at(std::size_t at) const;

  std::span<const std::byte> bytes_;
  std::size_t at_ = 0;
  std::size_t whole_until_ = 0;
  std::size_t whole_bytes_ = 0;
  std::uint64_t session_ = 0;
  std::uint64_t sequence_ = 0;
};

class SegmentWriter {
 public:
  /// Nothing is touched before sync(). `length`: what is whole of a file that is there already.
  SegmentWriter(std::string path, std::uint64_t session, std::size_t length)
      : path_(std::move(path)), session_(session), length_(length) {}

  const std::string& path() const { return path_; }
  /// Where entries are appended, for the next record.
  std::vector<std::byte>& entries() { return entries_; }
  /// Bytes that are not on disk yet.
  std::size_t waiting() const { return waiting_.size() + entries_.size(); }
  std::size_t length() const { return length_; }
  /// Everything is on disk after. When it fails all of it waits for the next call.
  Result<void> sync();

 private:
  void seal();
  Result<void> open();
  Error fault(const char* what) const;

  std::string path_;
  std::uint64_t session_;
  std::uint64_t sequence_ = 0;
  std::size_t length_;
  io::Fd fd_;
  std::vector<std::byte> entries_;
  std::vector<std::byte> waiting_;  // whole records
};

}  // namespace ingest::archive
