#pragma once
// RecordingWriter: a recording as it grows: buffered, bounded, synced to the disk at its end. Owned
// by who records; one thread.

#include <cstdint>
#include <string>

#include "ingest/base/result.h"
#include "ingest/io/fd.h"
#include "ingest/record/recording.h"

namespace ingest::record {

class RecordingWriter {
 public:
  /// What waits in memory for a write.
  static constexpr std::size_t kBufferBytes = std::size_t{1} << 20;

  struct Options {
    std::string path;  // must not exist
    Header header;
    std::uint64_t bytes_max = std::uint64_t{1} << 30;  // of the file
  };
  /// The error is a sentence that names the path.
  static Result<RecordingWriter> create(const Options& options);
  RecordingWriter(RecordingWriter&&) = default;
  RecordingWriter& operator=(RecordingWriter&&) = delete;
  RecordingWriter(const RecordingWriter&) = delete;
  RecordingWriter& operator=(const RecordingWriter&) = delete;
  ~RecordingWriter() = default;

  enum class Took : std::uint8_t { Yes, Full };
  /// Full: the file would outgrow bytes_max; nothing was taken. Record::bytes is at most
  /// kRecordBytesMax. After an error, as of a full disk, only the file as it is remains.
  Result<Took> add(const Record& record);
  /// How many datagrams the kernel has dropped since the start; written when it is another number.
  Result<Took> drops(std::uint64_t count, std::chrono::nanoseconds at);
  /// Hands what waits to the system; nothing to do where nothing waits.
  Result<void> flush();
  /// The End record; all of it is on the disk then. Once, last.
  Result<void> finish(std::chrono::nanoseconds at);

  const Totals& totals() const { return totals_; }
  /// Bytes of the file, with what waits.
  std::uint64_t size() const { return size_; }

 private:
  RecordingWriter(io::Fd fd, const Options& options);
  Error write_error(int error) const;

  io::Fd fd_;
  std::string path_;
  std::uint64_t bytes_max_;
  std::string waiting_;
  std::uint64_t size_ = 0;
  Totals totals_;
};

}  // namespace ingest::record
