#include "ingest/record/text_reader.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "ingest/io/socket.h"

namespace ingest::record {
namespace {

Failure<Error> unreadable(const std::string& path, int error) {
  return {Error{error, "cannot read " + path + ": " + io::errno_text(error)}};
}

}  // namespace

Result<std::unique_ptr<TextReader>> TextReader::open(const Options& options) {
  const bool is_stdin = options.path == kStandardInput;
  io::Fd fd{is_stdin ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
                     : ::open(options.path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!fd) return unreadable(options.path, errno);
  std::unique_ptr<TextReader> reader{new TextReader(std::move(fd), options)};
  TRY(reader->fill());  // a folder opens, and cannot be read
  return reader;
}

TextReader::TextReader(io::Fd fd, const Options& options)
    : fd_(std::move(fd)),
      size_(plain_size(fd_.get())),
      options_(options),
      header_{.format = options.format, .transport = Transport::Text, .address = {}, .started = {}},
      buffer_(options.block_bytes == 0 ? kBlockBytesMax
                                       : std::min(options.block_bytes, kBlockBytesMax)),
      lines_in_block_(
          static_cast<std::uint64_t>(std::max(1.0, options.lines_per_second / kBlocksPerSecond))) {}

Result<void> TextReader::fill() {
  std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
  end_ -= std::exchange(begin_, 0);
  while (!at_end_ && end_ < buffer_.size()) {
    const ssize_t count = ::read(fd_.get(), buffer_.data() + end_, buffer_.size() - end_);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return unreadable(options_.path, errno);
    at_end_ = count == 0;
    end_ += static_cast<std::size_t>(count);
  }
  return {};
}

/// As many whole lines as one block may have; what there is, where no line ends.
std::size_t TextReader::block_bytes() {
  const std::string_view rest{buffer_.data() + begin_, end_ - begin_};
  codec::LineEnds ends{codec::line_rule_of(options_.format)};
  std::size_t taken = 0;
  if (options_.lines_per_second <= 0) {
    taken = ends.last(rest);
    return at_end_ || taken == 0 ? rest.size() : taken;
  }
  for (std::uint64_t lines = 0; lines < lines_in_block_; ++lines) {
    const std::size_t line = ends.first(rest.substr(taken));
    if (line == codec::LineEnds::kNone) {
      if (taken > 0 && !at_end_) break;
      ++lines_;  // the last one without an end, or a piece of a long one
      return rest.size();
    }
    taken += line;
    ++lines_;
    if (taken == rest.size()) break;
  }
  return taken;
}

std::optional<Record> TextReader::next() {
  if (const auto filled = fill(); !filled) {
    ending_ = {.how = Ending::How::Unreadable, .sentence = filled.error().what};
    return std::nullopt;
  }
  if (begin_ == end_) return std::nullopt;
  const std::uint64_t before = lines_;
  const std::size_t bytes = block_bytes();
  constexpr double kNanosInSecond = 1e9;
  const double at = options_.lines_per_second > 0
                        ? static_cast<double>(before) / options_.lines_per_second * kNanosInSecond
                        : 0;
  const Record record{.kind = Kind::Data,
                      .connection = 0,
                      .at = std::chrono::nanoseconds{static_cast<std::int64_t>(at)},
                      .bytes = {buffer_.data() + begin_, bytes}};
  begin_ += bytes;
  ++totals_.records;
  totals_.bytes += bytes;
  return record;
}

Source::Extent TextReader::extent() const {
  return {.given = totals_.bytes, .size = size_};
}

Result<void> TextReader::rewind() {
  if (::lseek(fd_.get(), 0, SEEK_SET) < 0) return unreadable(options_.path, errno);
  begin_ = end_ = 0;
  at_end_ = false;
  lines_ = 0;
  totals_ = {};
  ending_ = {};
  return {};
}

}  // namespace ingest::record
