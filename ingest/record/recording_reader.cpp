#include "ingest/record/recording_reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "ingest/io/socket.h"

namespace ingest::record {
namespace {

Failure<Error> unreadable(const std::string& path, int error) {
  return {Error{error, "cannot read " + path + ": " + io::errno_text(error)}};
}

/// It is opened twice, to look what it is and to read it, and again for each round: a pipe would
/// lose its first bytes, or wait for somebody to write, and the server's loop with it.
Result<io::Fd> open_file(const std::string& path) {
  io::Fd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (!fd) return unreadable(path, errno);
  struct stat found {};
  if (::fstat(fd.get(), &found) != 0) return unreadable(path, errno);
  if (S_ISDIR(found.st_mode)) return unreadable(path, EISDIR);
  if (!S_ISREG(found.st_mode))
    return Failure{Error{EINVAL, path + " is no plain file: a pipe or a device cannot be played"}};
  return fd;
}

Result<std::size_t> read_some(int fd, const std::string& path, char* to, std::size_t room) {
  for (;;) {
    const ssize_t count = ::read(fd, to, room);
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno != EINTR) return unreadable(path, errno);
  }
}

std::string head_fault_text(const std::string& path, Fault fault) {
  switch (fault) {
    case Fault::Version:
      return path + " was recorded by a later version of Weir";
    case Fault::Short:
    case Fault::Damaged:
      return path + " is a recording whose head is damaged";
    case Fault::NoRecording:
      break;
  }
  return path + " is no recording; for a file of lines say its --format";
}

}  // namespace

Result<bool> RecordingReader::is_recording(const std::string& path) {
  const io::Fd fd = TRY(open_file(path));
  std::array<char, 8> magic{};
  const std::size_t count = TRY(read_some(fd.get(), path, magic.data(), magic.size()));
  const auto head = decode_header({magic.data(), count});
  return count > 0 && !head && head.error() == Fault::Short;
}

Result<std::unique_ptr<RecordingReader>> RecordingReader::open(const std::string& path) {
  io::Fd file = TRY(open_file(path));  // before the reader: TRY may leave here
  std::unique_ptr<RecordingReader> reader{new RecordingReader(std::move(file), path)};
  TRY(reader->read_header());
  return reader;
}

RecordingReader::RecordingReader(io::Fd fd, std::string path)
    : fd_(std::move(fd)),
      size_(plain_size(fd_.get())),
      path_(std::move(path)),
      buffer_(kReadBytes) {
  ::posix_fadvise(fd_.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
}

Result<void> RecordingReader::read_header() {
  for (std::size_t needed = 1;; needed = rest().size() + 1) {
    const Got got = TRY(fill(needed));
    auto head = decode_header(rest());
    if (head) {
      header_ = std::move(head->value);
      header_bytes_ = head->bytes;
      begin_ += head->bytes;
      offset_ = head->bytes;
      return {};
    }
    if (head.error() != Fault::Short || got == Got::Nothing)
      return Failure{
          Error{0, head_fault_text(path_, rest().empty() ? Fault::NoRecording : head.error())}};
  }
}

std::string_view RecordingReader::rest() const {
  return {buffer_.data() + begin_, end_ - begin_};
}

Result<RecordingReader::Got> RecordingReader::fill(std::size_t needed) {
  if (end_ - begin_ >= needed) return Got::More;
  std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
  end_ -= std::exchange(begin_, 0);
  if (buffer_.size() < needed) buffer_.resize(needed);
  while (end_ < needed) {
    const std::size_t count =
        TRY(read_some(fd_.get(), path_, buffer_.data() + end_, buffer_.size() - end_));
    if (count == 0) return Got::Nothing;
    end_ += count;
  }
  return Got::More;
}

std::optional<Record> RecordingReader::over(Ending::How how, const std::string& why) {
  over_ = true;
  ending_.how = how;
  if (how != Ending::How::Whole) {
    ending_.sentence = path_ + " " + why + " at byte " + std::to_string(offset_) + "; the " +
                       std::to_string(totals_.records) + " records before that are whole";
  }
  return std::nullopt;
}

/// Two files that were put together look like this: the second one is not played.
std::optional<Record> RecordingReader::ended() {
  const auto filled = fill(1);
  const bool more = filled && *filled == Got::More;
  return more ? over(Ending::How::Damaged, "goes on behind its end") : over(Ending::How::Whole, "");
}

std::optional<Record> RecordingReader::take(const Record& record, std::size_t bytes) {
  begin_ += bytes;
  offset_ += bytes;
  if (record.kind == Kind::End) return ended();
  if (record.kind == Kind::Drops) {
    const auto drops = parse_totals("records 0\nbytes 0\ndrops " + std::string{record.bytes});
    if (drops) totals_.drops = drops->drops;
  } else if (record.kind != Kind::Closed) {
    ++totals_.records;
    totals_.bytes += record.bytes.size();
  }
  return record;
}

std::optional<Record> RecordingReader::next() {
  if (over_) return std::nullopt;
  for (std::size_t needed = kRecordHeadBytes;;) {
    const auto filled = fill(needed);
    if (!filled) {
      over(Ending::How::Unreadable, "cannot be read on");
      ending_.sentence = filled.error().what;
      return std::nullopt;
    }
    if (*filled == Got::Nothing) return over(Ending::How::Cut, "was cut off");
    const auto decoded = decode_record(rest(), needed);
    if (decoded) return take(decoded->value, decoded->bytes);
    if (decoded.error() != Fault::Short) return over(Ending::How::Damaged, "is damaged");
  }
}

Source::Extent RecordingReader::extent() const {
  return {.given = offset_, .size = size_};
}

Result<void> RecordingReader::rewind() {
  if (::lseek(fd_.get(), static_cast<off_t>(header_bytes_), SEEK_SET) < 0)
    return unreadable(path_, errno);
  begin_ = end_ = 0;
  offset_ = header_bytes_;
  totals_ = {};
  ending_ = {};
  over_ = false;
  return {};
}

}  // namespace ingest::record
