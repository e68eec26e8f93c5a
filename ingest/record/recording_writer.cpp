#include "ingest/record/recording_writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "ingest/io/socket.h"

namespace ingest::record {
namespace {

/// What the End record, and a Drops before it, may take: room for them is kept free.
constexpr std::uint64_t kEndBytesMax = 256;
constexpr mode_t kMode = 0640;  // metrics may say more than their neighbours should know

}  // namespace

Result<RecordingWriter> RecordingWriter::create(const Options& options) {
  constexpr int kNew = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
  io::Fd fd{::open(options.path.c_str(), kNew, kMode)};
  if (!fd && errno == EEXIST)
    return Failure{
        Error{EEXIST, options.path + " exists already; remove it or choose another name"}};
  if (!fd)
    return Failure{Error{errno, "cannot create " + options.path + ": " + io::errno_text(errno)}};
  RecordingWriter writer{std::move(fd), options};
  TRY(writer.flush());  // a full or read-only disk is told before the first datagram
  return writer;
}

RecordingWriter::RecordingWriter(io::Fd fd, const Options& options)
    : fd_(std::move(fd)),
      path_(options.path),
      bytes_max_(options.bytes_max),
      waiting_(encode_header(options.header)),
      size_(waiting_.size()) {
  waiting_.reserve(kBufferBytes);
}

Result<RecordingWriter::Took> RecordingWriter::add(const Record& record) {
  const std::uint64_t size = kRecordHeadBytes + record.bytes.size();
  if (size_ + size + kEndBytesMax > bytes_max_) return Took::Full;
  if (waiting_.size() + size > kBufferBytes) TRY(flush());
  encode_record(record, waiting_);
  size_ += size;
  if (record.kind == Kind::Data || record.kind == Kind::Cut) {
    ++totals_.records;
    totals_.bytes += record.bytes.size();
  }
  return Took::Yes;
}

Result<RecordingWriter::Took> RecordingWriter::drops(std::uint64_t count,
                                                     std::chrono::nanoseconds at) {
  if (count == totals_.drops) return Took::Yes;
  totals_.drops = count;
  const std::string text = std::to_string(count);
  return add({.kind = Kind::Drops, .connection = 0, .at = at, .bytes = text});
}

Result<void> RecordingWriter::flush() {
  std::string_view rest = waiting_;
  while (!rest.empty()) {
    const ssize_t count = ::write(fd_.get(), rest.data(), rest.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return Failure{write_error(errno)};
    rest.remove_prefix(static_cast<std::size_t>(count));
  }
  waiting_.clear();
  return {};
}

Result<void> RecordingWriter::finish(std::chrono::nanoseconds at) {
  const std::string text = totals_text(totals_);
  encode_record({.kind = Kind::End, .connection = 0, .at = at, .bytes = text}, waiting_);
  size_ += kRecordHeadBytes + text.size();
  TRY(flush());
  // EINVAL: a pipe or a device, which cannot be synced.
  if (::fsync(fd_.get()) != 0 && errno != EINVAL) return Failure{write_error(errno)};
  return {};
}

Error RecordingWriter::write_error(int error) const {
  std::string what = "cannot write " + path_ + ": " + io::errno_text(error);
  if (error == ENOSPC || error == EDQUOT) what += "; what it holds up to there can be replayed";
  return {error, std::move(what)};
}

}  // namespace ingest::record
